import { describe, expect, it } from "vitest";
import { erf, erfc } from "./special.ts";

// Abramowitz & Stegun 1964, table 7.1, and 40-digit evaluations of the Taylor series.
const values = [
  [0.5, 0.5204998778130465, 0.4795001221869535],
  [1, 0.8427007929497149, 0.15729920705028513],
  [1.5, 0.9661051464753108, 0.033894853524689274],
  [2, 0.9953222650189527, 0.004677734981047266],
  [3, 0.9999779095030014, 2.209049699858544e-5],
  [5, 0.9999999999984626, 1.5374597944280349e-12],
] as const;

describe("erf and erfc", () => {
  it("agree with tables", () => {
    for (const [x, y, complement] of values) {
      expect(Math.abs(erf(x) / y - 1)).toBeLessThan(4e-16);
      expect(Math.abs(erfc(x) / complement - 1)).toBeLessThan(8e-16);
    }
  });

  it("agree with the Taylor series in exact arithmetic", () => {
    for (let x = -3; x <= 3; x += 1 / 64) expect(Math.abs(erf(x) - taylor(x))).toBeLessThan(2.3e-16);
  });

  it("are odd, and odd about 1", () => {
    for (let x = 0; x < 7; x += 0.01) {
      expect(erf(-x)).toBe(-erf(x));
      expect(Math.abs(erfc(-x) + erfc(x) - 2)).toBeLessThan(5e-16);
    }
  });

  it("keep limits, zeros and NaN", () => {
    expect([erf(Infinity), erf(-Infinity), erf(-0), erf(NaN)]).toEqual([1, -1, -0, NaN]);
    expect([erfc(Infinity), erfc(-Infinity), erfc(0), erfc(NaN)]).toEqual([0, 2, 1, NaN]);
    expect(erfc(26.5) / 2.2109076642637343e-307).toBeCloseTo(1, 14);
  });
});

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹/(n!(2n+1)) in fixed point with 40 decimals; x is a multiple of 1/64. */
function taylor(x: number): number {
  const one = 10n ** 40n;
  const scaled = BigInt(x * 64);
  let power = (one * scaled) / 64n; // x²ⁿ⁺¹/n!
  let sum = 0n;
  for (let n = 0n; n < 120n; n++) {
    sum += (n % 2n === 0n ? power : -power) / (2n * n + 1n);
    power = (power * scaled * scaled) / (4096n * (n + 1n));
  }
  const twoOverRootPi = 11283791670955125738961589031215451716881n; // · 10⁻⁴⁰
  return Number((sum * twoOverRootPi) / one) / 1e40;
}
