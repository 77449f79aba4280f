import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import type { TensorDataset } from "./rows.ts";
import { blobs, moons, spirals, xor } from "./toy.ts";

const points = ({ x, y }: TensorDataset): { at: number[]; label: number }[] =>
  (x.toArray() as number[][]).map((at, i) => ({ at, label: y.data[i] }));

describe("xor", () => {
  it("is the truth table", () => {
    expect(points(xor())).toEqual([
      { at: [-1, -1], label: 0 },
      { at: [-1, 1], label: 1 },
      { at: [1, 1], label: 0 },
      { at: [1, -1], label: 1 },
    ]);
  });

  it("scatters points around the corners", () => {
    for (const { at, label } of points(xor({ count: 100, noise: 0.1, random: new Random(1) }))) {
      expect(at[0] * at[1] < 0).toBe(label === 1);
    }
  });
});

describe("blobs", () => {
  it("puts clouds around points of a circle", () => {
    const data = points(blobs({ count: 300, classes: 3, noise: 0.01, random: new Random(1) }));
    for (const { at, label } of data) {
      expect(at[0]).toBeCloseTo(Math.cos((2 * Math.PI * label) / 3), 0);
      expect(at[1]).toBeCloseTo(Math.sin((2 * Math.PI * label) / 3), 0);
    }
    expect(data.filter(({ label }) => label === 2)).toHaveLength(100);
  });
});

describe("moons", () => {
  it("are two half circles, each the other turned by 180 degrees", () => {
    const data = points(moons({ count: 500, noise: 0, random: new Random(1) }));
    for (const { at, label } of data) {
      const sign = label === 0 ? 1 : -1;
      const [x, y] = [sign * at[0] + 0.5, sign * at[1] + 0.25];
      expect(Math.hypot(x, y)).toBeCloseTo(1, 5);
      expect(y).toBeGreaterThanOrEqual(-1e-6);
    }
  });
});

describe("spirals", () => {
  it("have arms that turn once between radius 0.1 and 1", () => {
    for (const { at, label } of points(
      spirals({ count: 300, classes: 3, noise: 0, random: new Random(1) }),
    )) {
      const radius = Math.hypot(at[0], at[1]);
      const turns = radius + label / 3;
      expect(radius).toBeGreaterThan(0.0999);
      expect(radius).toBeLessThan(1.0001);
      expect(at[0]).toBeCloseTo(radius * Math.cos(2 * Math.PI * turns), 4);
    }
  });
});

describe("toy sets", () => {
  const sets = { blobs, moons, spirals, xor };

  it.each(Object.entries(sets))("%s repeats itself for the same seed", (_, make) => {
    const draw = (seed: number): unknown => points(make({ count: 20, noise: 0.1, random: new Random(seed) }));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("refuse noise that is none", () => {
    expect(() => blobs({ noise: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: blobs: noise NaN — a normal deviation, a finite number ≥ 0]`,
    );
    expect(() => xor({ noise: -0.1 })).toThrowError("xor: noise -0.1");
  });

  it("refuse counts that are none", () => {
    expect(() => blobs({ count: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: blobs: count 0, classes 2 — both must be integers ≥ 1]`,
    );
    expect(() => spirals({ classes: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: spirals: count 200, classes 1.5 — both must be integers ≥ 1]`,
    );
  });
});
