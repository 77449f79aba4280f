import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { SyntheticShapes } from "./shapes.ts";

const draw = (seed: number, count = 200): SyntheticShapes =>
  new SyntheticShapes({ count, random: new Random(seed) });

describe("SyntheticShapes", () => {
  it("are colour pictures of ten classes, equally often", () => {
    const data = draw(1);
    expect(data.batch([0, 1]).x.shape).toEqual([2, 3, 32, 32]);
    expect(SyntheticShapes.classes).toHaveLength(10);
    const counts = data.labels.reduce(
      (sums, label) => sums.with(label, sums[label] + 1),
      new Array(10).fill(0),
    );
    expect(counts).toEqual(new Array(10).fill(20));
  });

  it("are the same for the same seed, others for another", () => {
    expect(draw(1).images).toEqual(draw(1).images);
    expect(draw(1).images).not.toEqual(draw(2).images);
  });

  it("stand out from the paper in every channel", () => {
    const data = draw(3);
    for (let i = 0; i < data.length; i++) {
      const pixels = data.pixels(i);
      for (let c = 0; c < 3; c++) {
        const plane = pixels.subarray(c * 1024, (c + 1) * 1024);
        expect(Math.max(...plane) - Math.min(...plane)).toBeGreaterThan(60);
      }
    }
  });

  it("can be told apart, though not by a colour: the nearest of 500 masks has the same class more often than by chance", () => {
    const [known, asked] = [draw(4, 500), draw(5, 100)].map((data) =>
      Array.from(data.labels, (label, i) => ({ label, mask: maskOf(data.pixels(i)) })),
    );
    const right = asked.filter(({ label, mask }) => {
      const distances = known.map((other) =>
        other.mask.reduce((sum, bit, i) => sum + Number(bit !== mask[i]), 0),
      );
      return known[distances.indexOf(Math.min(...distances))].label === label;
    }).length;
    expect(right).toBeGreaterThan(30); // chance: 10
  });

  it("refuse a count that is none", () => {
    expect(() => new SyntheticShapes({ count: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SyntheticShapes: count 1.5 — the number of pictures is an integer ≥ 0]`,
    );
  });
});

/** Where the first channel differs from the corner's paper, centred. */
function maskOf(pixels: Uint8Array): boolean[] {
  const inked = Array.from(pixels.subarray(0, 1024), (level) => Math.abs(level - pixels[0]) > 50);
  const at = inked.flatMap((ink, i) => (ink ? [i] : []));
  const centre = (of: (i: number) => number): number =>
    Math.round(at.reduce((sum, i) => sum + of(i), 0) / (at.length || 1)) - 16;
  const [dx, dy] = [centre((i) => i % 32), centre((i) => i >> 5)];
  return inked.map((_, i) => inked[((((i >> 5) + dy + 32) % 32) << 5) + (((i % 32) + dx + 32) % 32)]);
}
