import { describe, expect, it } from "vitest";
import { erfc } from "../../00-runtime/special.ts";
import { chiSquareTail, kolmogorovTail } from "./distributions.ts";
import { kolmogorovSmirnov } from "./kolmogorov-smirnov.ts";

describe("chiSquareTail", () => {
  it("is exp(−x/2) for two degrees of freedom, erfc(√(x/2)) for one, and a finite sum for every even number", () => {
    for (const x of [1e-6, 0.3, 1, 2.5, 7, 20, 100, 700]) {
      expect(chiSquareTail(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 12);
      expect(chiSquareTail(x, 1) / erfc(Math.sqrt(x / 2))).toBeCloseTo(1, 11);
      for (const df of [4, 10, 40]) {
        let [term, sum] = [1, 1];
        for (let k = 1; k < df / 2; k++) sum += term *= x / 2 / k;
        expect(chiSquareTail(x, df) / (Math.exp(-x / 2) * sum)).toBeCloseTo(1, 11);
      }
    }
  });

  it("agrees with SciPy 1.17 (scipy.stats.chi2.sf)", () => {
    const known = [
      [0.5, 3, 0.9188914116546758],
      [5.0, 3, 0.1717971442967335],
      [30.0, 3, 1.3800570312932553e-6],
      [160.0, 3, 1.8328665315368073e-34],
      [0.5, 7, 0.9994464813904249],
      [5.0, 7, 0.6599632296942824],
      [30.0, 7, 9.495972508134177e-5],
      [160.0, 7, 3.2077638473280663e-31],
      [0.5, 9, 0.9999695662588389],
      [5.0, 9, 0.8343082601934075],
      [30.0, 9, 0.00043872177097947936],
      [160.0, 9, 7.4265628010437e-30],
      [0.5, 25, 1.0],
      [5.0, 25, 0.9999944681827811],
      [30.0, 25, 0.22428900483440378],
      [160.0, 25, 1.1806555180556265e-21],
      [0.5, 101, 1.0],
      [5.0, 101, 1.0],
      [30.0, 101, 0.9999999999995096],
      [160.0, 101, 0.00016827733297128617],
    ];
    for (const [x, df, tail] of known) expect(chiSquareTail(x, df) / tail).toBeCloseTo(1, 10);
  });

  it("is 1 at 0, 0 at infinity, NaN of NaN, and needs a number of degrees", () => {
    expect([chiSquareTail(0, 3), chiSquareTail(Infinity, 3), chiSquareTail(NaN, 3)]).toEqual([1, 0, NaN]);
    expect(() => chiSquareTail(1, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: chiSquareTail(1, 0): degrees of freedom are an integer ≥ 1]`,
    );
  });
});

describe("kolmogorovTail", () => {
  it("agrees with SciPy 1.17 (scipy.special.kolmogorov), on both sides of where the series change", () => {
    const known = [
      [0.3, 0.9999906941986655],
      [0.5, 0.9639452436648751],
      [0.8, 0.5441424115741981],
      [1.0, 0.26999967167735456],
      [1.17, 0.12939004218561884],
      [1.19, 0.11774229287977166],
      [1.36, 0.049485876755377876],
      [1.63, 0.009846364888486529],
      [2.5, 7.453306344157342e-6],
      [4.0, 2.532833109818835e-14],
    ];
    for (const [x, tail] of known) expect(kolmogorovTail(x) / tail).toBeCloseTo(1, 12);
  });

  it("falls from 1, without a step where the series change", () => {
    const values = Array.from({ length: 4000 }, (_, i) => kolmogorovTail(i / 1000));
    expect(values[0]).toBe(1);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1] + 1e-15);
    expect(Math.abs(kolmogorovTail(1.18 - 1e-12) - kolmogorovTail(1.18))).toBeLessThan(1e-10);
  });
});

describe("kolmogorovSmirnov", () => {
  const of = (...values: number[]) => Float64Array.from(values).sort();

  it("counts by hand: of the C(6, 3) = 20 orders of three and three, 2 separate them", () => {
    expect(kolmogorovSmirnov(of(1, 2, 3), of(4, 5, 6))).toEqual({
      statistic: 1,
      p: expect.closeTo(2 / 20, 14),
    });
    expect(kolmogorovSmirnov(of(1, 2), of(1, 2)).p).toBe(1);
    expect(kolmogorovSmirnov(of(1, 1, 1), of(1, 1)).statistic).toBe(0); // ties are passed together
  });

  it("agrees with SciPy 1.17 (ks_2samp, exact where n·m ≤ 10,000, else kolmogorov(√(nm/(n+m))·D))", () => {
    // Sample i of n values: sin(i·step) + shift.
    const sample = (n: number, step: number, shift: number) =>
      of(...Array.from({ length: n }, (_, i) => Math.sin((i + 1) * step) + shift));
    const known = [
      [5, 7, 0.3, 0.4, 0.6388888888888888],
      [20, 30, 0.1, 0.15, 0.9276573396888691],
      [80, 100, 0.2, 0.21, 0.034290969396822274],
      [80, 100, 0.4, 0.29, 0.0008751370840625997],
      [300, 500, 0.1, 0.14400000000000002, 0.000839375143678174],
      [2000, 500, 0.05, 0.101, 0.000571267592652984],
      [2000, 500, 0.2, 0.2055, 4.253420894299292e-15],
    ];
    for (const [n, m, shift, statistic, p] of known) {
      const found = kolmogorovSmirnov(sample(n, 1, 0), sample(m, 1.7, shift));
      expect(found.statistic).toBeCloseTo(statistic, 12);
      expect(found.p / p).toBeCloseTo(1, 8);
    }
  });

  it("needs values", () => {
    expect(() => kolmogorovSmirnov(of(), of(1))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: kolmogorovSmirnov: samples of 0 and 1 values — both need one at least]`,
    );
  });
});
