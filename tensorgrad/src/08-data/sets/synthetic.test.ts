import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { SyntheticDigits } from "./synthetic.ts";

const draw = (seed: number, count = 200): SyntheticDigits =>
  new SyntheticDigits({ count, random: new Random(seed) });

describe("SyntheticDigits", () => {
  const digits = draw(1);

  it("has every class equally often", () => {
    const counts = new Array<number>(10).fill(0);
    for (const label of digits.labels) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(20));
  });

  it("shows them in no particular order", () => {
    expect([...digits.labels.subarray(0, 10)]).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("draws the same digits for the same seed, others for another", () => {
    expect(draw(1).images).toEqual(digits.images);
    expect(draw(2).images).not.toEqual(digits.images);
  });

  it("never draws the same image twice", () => {
    const seen = new Set(Array.from({ length: digits.length }, (_, i) => digits.pixels(i).join()));
    expect(seen.size).toBe(digits.length);
  });

  it("inks about as much of the paper as MNIST does", () => {
    const mean = digits.images.reduce((sum, byte) => sum + byte, 0) / digits.images.length / 255;
    expect(mean).toBeGreaterThan(0.1); // MNIST: 0.1307
    expect(mean).toBeLessThan(0.18);
  });

  it("keeps the digit inside the frame", () => {
    // Ink on the outermost pixels means a stroke was cut off; grain alone stays below 50.
    const cut = Array.from({ length: digits.length }, (_, i) => digits.pixels(i)).filter((pixels) =>
      pixels.some((byte, at) => byte > 128 && (at < 28 || at >= 756 || at % 28 === 0 || at % 28 === 27)),
    );
    expect(cut.length).toBeLessThan(0.1 * digits.length);
  });

  it("puts a different picture under every label", () => {
    // Nearest class mean: far above the 10 % of guessing, well below what a network reaches.
    const means = Array.from({ length: 10 }, () => new Float64Array(784));
    digits.labels.forEach((label, i) => {
      digits.pixels(i).forEach((byte, at) => {
        means[label][at] += byte / 20;
      });
    });
    const fresh = draw(7);
    const distance = (pixels: Uint8Array, mean: Float64Array): number =>
      pixels.reduce((sum, byte, at) => sum + (byte - mean[at]) ** 2, 0);
    const right = [...fresh.labels].filter((label, i) => {
      const away = means.map((mean) => distance(fresh.pixels(i), mean));
      return away.indexOf(Math.min(...away)) === label;
    });
    expect(right.length / fresh.length).toBeGreaterThan(0.5);
    expect(right.length / fresh.length).toBeLessThan(0.95);
  });

  it("has the shapes of MNIST", () => {
    const { x, y } = digits.batch([0, 1]);
    expect([x.shape, y.shape]).toEqual([[2, 1, 28, 28], [2]]);
    expect(new SyntheticDigits({ count: 1, shape: [784] }).batch([0]).x.shape).toEqual([1, 784]);
  });

  it("refuses a count that is none", () => {
    expect(() => new SyntheticDigits({ count: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SyntheticDigits: count -1 — the number of digits is an integer ≥ 0]`,
    );
  });
});
