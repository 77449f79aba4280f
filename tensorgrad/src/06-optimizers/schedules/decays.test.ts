import { describe, expect, it } from "vitest";
import {
  ConstantLR,
  CosineAnnealingWarmRestarts,
  ExponentialLR,
  LinearWarmup,
  MultiStepLR,
  PolynomialLR,
  type Schedule,
} from "../index.ts";

const lr = 0.8;

/** Twelve rates of the classes of these names in PyTorch 1.13. */
const table: Readonly<Record<string, readonly [Schedule, readonly number[]]>> = {
  MultiStepLR: [
    new MultiStepLR({ lr, milestones: [3, 5, 9], gamma: 0.3 }),
    [0.8, 0.8, 0.8, 0.24, 0.24, 0.072, 0.072, 0.072, 0.072, 0.0216, 0.0216, 0.0216],
  ],
  ConstantLR: [
    new ConstantLR({ lr, factor: 0.25, steps: 4 }),
    [0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8],
  ],
  PolynomialLR: [
    new PolynomialLR({ lr, steps: 7, power: 2.5 }),
    [
      0.8, 0.5441554872133, 0.3449609202974, 0.1974671532456, 0.0961940087571, 0.0349075907804,
      0.0061708485389, 0, 0, 0, 0, 0,
    ],
  ],
  ExponentialLR: [
    new ExponentialLR({ lr, gamma: 0.9 }),
    [
      0.8, 0.72, 0.648, 0.5832, 0.52488, 0.472392, 0.4251528, 0.38263752, 0.344373768, 0.3099363912,
      0.27894275208, 0.251048476872,
    ],
  ],
  "CosineAnnealingWarmRestarts, longer each time": [
    new CosineAnnealingWarmRestarts({ lr, t0: 3, tMult: 2, minLr: 0.1 }),
    [
      0.8, 0.625, 0.275, 0.8, 0.7531088913246, 0.625, 0.45, 0.275, 0.1468911086754, 0.8, 0.7880740392012,
      0.7531088913246,
    ],
  ],
  "CosineAnnealingWarmRestarts, always as long": [
    new CosineAnnealingWarmRestarts({ lr, t0: 4 }),
    [
      0.8, 0.6828427124746, 0.4, 0.1171572875254, 0.8, 0.6828427124746, 0.4, 0.1171572875254, 0.8,
      0.6828427124746, 0.4, 0.1171572875254,
    ],
  ],
};

describe.each(Object.entries(table))("%s", (_, [schedule, rates]) => {
  const near = rates.map((rate) => expect.closeTo(rate, 12));

  it("has PyTorch's rates, whichever step is asked for first: it resumes without a state", () => {
    expect(rates.map((_, step) => schedule.getLr(step))).toEqual(near);
    expect(rates.map((_, i) => schedule.getLr(rates.length - 1 - i)).reverse()).toEqual(near);
    expect(schedule.stateDict).toBeUndefined();
  });

  it("follows a warmup from its own first step", () => {
    const warmed = new LinearWarmup(schedule, { steps: 3 });
    expect(rates.map((_, step) => warmed.getLr(step + 3))).toEqual(near);
  });

  it("refuses what is no step", () => {
    expect(() => schedule.getLr(-1)).toThrow(/LR\.getLr|WarmRestarts\.getLr/);
    expect(() => schedule.getLr(0.5)).toThrow("steps are counted 0, 1, 2, …");
  });
});

describe("far on", () => {
  it("periods are found in a few rounds, also after 10¹² steps", () => {
    expect(new CosineAnnealingWarmRestarts({ lr: 1, t0: 1, tMult: 2 }).getLr(2 ** 40 - 1)).toBe(1);
    expect(new CosineAnnealingWarmRestarts({ lr: 1, t0: 7 }).getLr(7e12)).toBe(1);
  });
});

describe("schedules refuse", () => {
  it("what falls nowhere, or never", () => {
    expect(() => new MultiStepLR({ lr, milestones: [5, 3] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MultiStepLR: milestones = 5, 3 — integers ≥ 1 in ascending order]`,
    );
    expect(
      () => new MultiStepLR({ lr, milestones: 5 as unknown as number[] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: MultiStepLR: milestones of type number — a list of steps, such as [30, 80]]`,
    );
    expect(() => new ConstantLR({ lr, factor: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ConstantLR: factor = 2 — must be a number from 0 to 1]`,
    );
    expect(() => new PolynomialLR({ lr, power: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: PolynomialLR: power = 0 — must be a finite number above 0]`,
    );
    expect(() => new ExponentialLR({ lr, gamma: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ExponentialLR: gamma = -1 — must be a finite number above 0]`,
    );
    expect(() => new CosineAnnealingWarmRestarts({ lr, t0: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CosineAnnealingWarmRestarts: t0 = 0 — must be an integer ≥ 1]`,
    );
    expect(
      () => new CosineAnnealingWarmRestarts({ lr, t0: 2, tMult: 1.5 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CosineAnnealingWarmRestarts: tMult = 1.5 — must be an integer ≥ 1]`,
    );
    expect(() => new CosineAnnealingWarmRestarts({ lr, t0: 2, minLr: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CosineAnnealingWarmRestarts: minLr = 1 — must be a number from 0 to 0.8]`,
    );
  });
});
