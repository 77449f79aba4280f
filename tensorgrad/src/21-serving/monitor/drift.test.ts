import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { compareWindow } from "./drift.ts";
import { binCounts, binLimits, categoryShift, populationStability } from "./population-stability.ts";
import { categoryCounts, MISSING, type Observation, OTHER, referenceOf } from "./reference.ts";

describe("binLimits and binCounts", () => {
  it("cut a reference into equal shares; equal values stay together; what is not finite has its own bin", () => {
    const sorted = Float64Array.from({ length: 100 }, (_, i) => i);
    expect(binLimits(sorted)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(binCounts(sorted, binLimits(sorted))).toEqual([...new Array(10).fill(10), 0]);
    expect(binLimits(Float64Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 2]), 5)).toEqual([1]);
    expect(binLimits(Float64Array.from([3, 3, 3]))).toEqual([]);
    expect(binCounts([-5, 0.5, 1, 7, Number.NaN, Infinity], [1, 2])).toEqual([2, 1, 1, 2]);
  });

  it("count every value once", () => {
    const number = fc.double();
    fc.assert(
      fc.property(fc.array(number), fc.uniqueArray(fc.double({ noNaN: true })), (values, limits) => {
        const counts = binCounts(
          values,
          limits.sort((a, b) => a - b),
        );
        expect(counts.reduce((a, b) => a + b, 0)).toBe(values.length);
      }),
    );
  });
});

describe("populationStability", () => {
  it("by hand: shares ½ ½ against ¼ ¾ give ¼·ln 2 + ¼·ln 1.5, less what the added halves take", () => {
    const [n, psi] = [1e9, 0.25 * Math.log(2) + 0.25 * Math.log(1.5)];
    expect(populationStability([n / 2, n / 2], [n / 4, (3 * n) / 4]).statistic).toBeCloseTo(psi, 7);
    expect(populationStability([1, 1], [1, 1])).toEqual({ statistic: 0, p: 1 });
    expect(populationStability([0, 5], [0, 7])).toEqual({ statistic: 0, p: 1 });
    expect(populationStability([100, 0], [0, 100]).p).toBeLessThan(1e-20); // and finite
  });

  it("is 0.18 on average between equal samples of 100 in ten bins: the usual limits say nothing there", () => {
    const random = new Random(1);
    const limits = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    const sample = () =>
      binCounts(
        Array.from({ length: 100 }, () => random.uniform()),
        limits,
      );
    const values = Array.from({ length: 300 }, () => populationStability(sample(), sample()).statistic);
    expect(values.reduce((a, b) => a + b) / 300).toBeGreaterThan(0.16);
    expect(values.reduce((a, b) => a + b) / 300).toBeLessThan(0.2);
  });
});

describe("categoryShift", () => {
  it("agrees with SciPy 1.17 (chi2_contingency without correction)", () => {
    const known: [number[], number[], number, number][] = [
      [[30, 70], [45, 55], 4.8, 0.028459736916310638],
      [[100, 200, 300], [20, 60, 70], 2.642065142065142, 0.26685960815248155],
      [[50, 50, 50, 50], [80, 40, 45, 60], 7.762709188147786, 0.05117899739390247],
      [[1000, 10], [400, 40], 60.40889803266042, 7.70638235837017e-15],
    ];
    for (const [a, b, statistic, p] of known) {
      expect(categoryShift(a, b).statistic).toBeCloseTo(statistic, 10);
      expect(categoryShift(a, b).p / p).toBeCloseTo(1, 9);
    }
  });

  it("counts rare categories as one, and says nothing of nothing", () => {
    expect(categoryShift([50, 1, 1, 1], [50, 1, 1, 0])).toEqual(categoryShift([50, 3], [50, 2]));
    expect(categoryShift([10, 0], [0, 0])).toEqual({ statistic: 0, p: 1 });
    expect(categoryShift([10], [20])).toEqual({ statistic: 0, p: 1 });
  });
});

describe("referenceOf", () => {
  it("tells numbers from names, and knows what is missing", () => {
    const { x, kind, none } = referenceOf([
      { x: 1, kind: "a", none: null },
      { x: Number.NaN, kind: "b" },
      { x: 2, kind: null },
    ]);
    expect(x).toEqual({ kind: "number", sorted: Float64Array.of(1, 2), limits: [2], counts: [1, 1, 1] });
    expect(kind).toEqual({ kind: "category", names: ["a", "b", MISSING, OTHER], counts: [1, 1, 1, 0] });
    expect(none.kind).toBe("category");
    expect(categoryCounts(["a", "new", undefined, "newer"], ["a", MISSING, OTHER])).toEqual([1, 1, 2]);
  });

  it("has a bound on the names that it remembers", () => {
    const { id } = referenceOf(Array.from({ length: 5000 }, (_, i) => ({ id: `user ${i}` })));
    expect(id.counts).toHaveLength(102);
    expect(id.counts.at(-1)).toBe(4900);
  });

  it("needs something", () => {
    expect(() => referenceOf([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: referenceOf: 0 observations without a feature — give what the model saw while it was good, { name: value } each]`,
    );
  });
});

describe("compareWindow", () => {
  const draw = (
    random: Random,
    count: number,
    change: (one: Observation, random: Random) => Observation = (one) => one,
  ) =>
    Array.from({ length: count }, () => {
      const kind = ["a", "a", "a", "b", "b", "c"][random.integer(6)];
      return change({ x: random.normal(), y: Math.floor(random.uniform() * 5), kind }, random);
    });

  it("gives an alarm in at most 1 % of the windows in which nothing drifted", () => {
    const random = new Random(1);
    let alarms = 0;
    for (let reference = 0; reference < 10; reference++) {
      const normal = referenceOf(draw(random, 1000));
      for (let window = 0; window < 50; window++)
        alarms += Number(compareWindow(normal, draw(random, 200), 0.01).drifted);
    }
    expect(alarms).toBeLessThanOrEqual(11); // 5 of 500; more than 11 in one of 100 series at exactly 1 %
  });

  const shifts: Readonly<Record<string, [string, (one: Observation, random: Random) => Observation]>> = {
    "the mean moves by half a deviation": ["x", (one) => ({ ...one, x: Number(one.x) + 0.5 })],
    "the spread grows by a half": ["x", (one) => ({ ...one, x: 1.5 * Number(one.x) })],
    "a tenth is missing": ["x", (one, random) => ({ ...one, x: random.uniform() < 0.1 ? null : one.x })],
    "a tenth is NaN": ["y", (one, random) => ({ ...one, y: random.uniform() < 0.1 ? Number.NaN : one.y })],
    "a name is new": ["kind", (one, random) => ({ ...one, kind: random.uniform() < 0.1 ? "d" : one.kind })],
    "a name comes more often": [
      "kind",
      (one, random) => ({ ...one, kind: random.uniform() < 0.3 ? "b" : one.kind }),
    ],
    "a feature is gone": ["x", ({ y, kind }) => ({ y, kind })],
    "numbers come as text": ["x", (one) => ({ ...one, x: String(one.x) })],
  };
  for (const [what, [feature, change]] of Object.entries(shifts)) {
    it(`finds within five windows that ${what}, and in which feature`, () => {
      const random = new Random(2);
      const normal = referenceOf(draw(random, 1000));
      const found = Array.from({ length: 5 }, () => compareWindow(normal, draw(random, 300, change), 0.01));
      const drifted = found.flatMap(({ features }) => features.filter((one) => one.drifted));
      expect(drifted.length).toBeGreaterThan(0);
      expect(new Set(drifted.map((one) => one.feature))).toEqual(new Set([feature]));
    });
  }
});
