import { differences } from "tensorgrad";
import { describe, expect, it } from "vitest";
import {
  campaign,
  hiddenCancellation,
  planted,
  randomCurve,
  randomReluNet,
  seeded,
} from "./curves.fixture.ts";

describe("derivative", () => {
  it("knows the derivatives of school", () => {
    const cases: [(t: number) => number, number][] = [
      [(t) => Math.exp(2 * t), 2],
      [(t) => Math.sin(3 + t), Math.cos(3)],
      [(t) => Math.log(0.5 + t), 2],
      [(t) => 5 * t - 7, 5],
      [(t) => 1 / (1 + t), -1],
      [() => 3, 0],
    ];
    for (const [curve, slope] of cases) {
      const d = differences.derivative(curve);
      expect(Math.abs(d.value - slope)).toBeLessThanOrEqual(d.error + d.noise);
      expect(d.error + d.noise).toBeLessThan(1e-10);
      expect(d.evaluations).toBeLessThanOrEqual(2 * 10 + 3 * 9);
    }
  });

  it("measures the noise of a function that cancels", () => {
    const quiet = differences.derivative((t) => 1 + t);
    const loud = differences.derivative((t) => 1e8 + t - 1e8);
    expect(loud.noise).toBeGreaterThan(1e5 * quiet.noise);
    expect(Math.abs(loud.value - 1)).toBeLessThanOrEqual(10 * (loud.error + loud.noise));
  });

  it("halves the step until both ends lie on the centre's piece", () => {
    const relu = (t: number) => ({
      value: Math.max(0, 0.001 + t),
      branch: 0.001 + t > 0 ? 1 : 0,
    });
    const d = differences.derivative(relu);
    expect(d.step).toBeLessThan(0.001);
    expect(d.value).toBeCloseTo(1, 9);
  });

  it("keeps inside the domain of a function that has an edge", () => {
    const d = differences.derivative((t) => Math.sqrt(0.01 + t));
    expect(d.step).toBeLessThanOrEqual(0.01);
    expect(Math.abs(d.value - 5)).toBeLessThanOrEqual(10 * (d.error + d.noise));
  });

  it("says so when 0 is a kink or outside the domain", () => {
    expect(differences.derivative((t) => ({ value: Math.abs(t), branch: Math.sign(t) })).step).toBe(0);
    expect(differences.derivative((t) => Math.log(t)).step).toBe(0);
  });

  it("sees a piece that is left and entered again inside the first step", () => {
    // The inner points of the first step lie in the foreign piece, its ends do not.
    const curve = (t: number) => {
      const foreign = Math.abs(Math.abs(t) - 0.0078) < 0.001;
      return { value: foreign ? 100 : 3 * t, branch: foreign ? 1 : 0 };
    };
    expect(differences.derivative(curve).value).toBeCloseTo(3, 9);
  });
});

describe("agrees", () => {
  it.each([1e-2, 1e-4, 1e-6, 1e-8, 1e-10])(
    "notices a gradient wrong by a factor 1 + %s in one of four directions",
    (delta) => {
      const rng = seeded(1733);
      for (let run = 0; run < 100; run++) expect(planted(rng, delta)).toBe(true);
    },
  );

  it("lets the right gradient pass where it notices the wrong one", () => {
    const rng = seeded(1733);
    for (let run = 0; run < 100; run++) expect(planted(rng, 0)).toBe(false);
  });

  it("gives no false alarm on random smooth functions", () => {
    expect(campaign(1500, 11, randomCurve).alarms).toBe(0);
  });

  it("gives no false alarm on functions that cancel", () => {
    expect(campaign(500, 12, hiddenCancellation).alarms).toBe(0);
  });

  it("gives no false alarm on relu nets, whose kinks it skips or steps around", () => {
    const { alarms, kinks } = campaign(500, 13, randomReluNet);
    expect(alarms).toBe(0);
    expect(kinks).toBeLessThan(5);
  });

  it("needs the branches: without them the same nets raise alarms", () => {
    const blind = (rng: () => number) => {
      const { curve, slope } = randomReluNet(rng);
      return {
        curve: (t: number) => ({ value: curve(t).value, branch: 0 }),
        slope,
      };
    };
    expect(campaign(500, 13, blind).alarms).toBeGreaterThan(0);
  });

  it("stays sharp: what it allows is far below one millionth on smooth functions", () => {
    expect(campaign(300, 14, randomCurve).median).toBeLessThan(1e-9);
  });

  it("takes a gradient that is not a number for an alarm", () => {
    expect(differences.agrees((t) => t, Number.NaN).agrees).toBe(false);
    expect(differences.agrees((t) => ({ value: t === 0 ? 0 : t, branch: 0 }), 0).agrees).toBe(false);
  });
});

describe("oneSided", () => {
  it("brackets every subgradient of a kink", () => {
    const { left, right, error } = differences.oneSided((t) => Math.max(0, t));
    expect(left).toBe(0);
    expect(Math.abs(right - 1)).toBeLessThan(error);
  });
});
