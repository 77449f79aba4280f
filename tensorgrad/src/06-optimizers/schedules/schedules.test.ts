import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CosineSchedule,
  LinearWarmup,
  OneCycle,
  ReduceLROnPlateau,
  type Schedule,
  StepLR,
} from "../index.ts";

const rates = (schedule: Schedule, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => schedule.getLr(step));
const near = (values: readonly number[]): number[] => values.map((value) => expect.closeTo(value, 12));

describe("StepLR", () => {
  it("falls by gamma every stepSize steps, as PyTorch's recurrence does", () => {
    const expected = [0.5];
    for (let t = 1; t < 20; t++) expected.push(expected[t - 1] * (t % 6 === 0 ? 0.3 : 1));
    expect(rates(new StepLR({ lr: 0.5, stepSize: 6, gamma: 0.3 }), 20)).toEqual(near(expected));
    expect(new StepLR({ lr: 1, stepSize: 2 }).getLr(2)).toBeCloseTo(0.1, 15);
  });
});

describe("CosineSchedule", () => {
  it("starts at lr, passes the middle half-way, ends at minLr and stays", () => {
    const schedule = new CosineSchedule({ lr: 0.9, steps: 10, minLr: 0.1 });
    expect([0, 5, 10, 11, 1000].map((step) => schedule.getLr(step))).toEqual(near([0.9, 0.5, 0.1, 0.1, 0.1]));
  });

  it("follows the recurrence of PyTorch's CosineAnnealingLR", () => {
    const [lr, steps, minLr] = [0.7, 25, 0.03];
    const expected = [lr];
    for (let t = 1; t < steps; t++) {
      const ratio = (1 + Math.cos((Math.PI * t) / steps)) / (1 + Math.cos((Math.PI * (t - 1)) / steps));
      expected.push(ratio * (expected[t - 1] - minLr) + minLr);
    }
    expect(rates(new CosineSchedule({ lr, steps, minLr }), steps)).toEqual(near(expected));
  });
});

describe("LinearWarmup", () => {
  it("rises as nanoGPT does, (t + 1)/(steps + 1), then follows the other from its beginning", () => {
    const inner = new StepLR({ lr: 1, stepSize: 2, gamma: 0.5 });
    const expected = [1 / 5, 2 / 5, 3 / 5, 4 / 5, 1, 1, 0.5, 0.5, 0.25];
    expect(rates(new LinearWarmup(inner, { steps: 4 }), 9)).toEqual(near(expected));
  });

  it("follows the recurrence of PyTorch's LinearLR", () => {
    const [lr, start, total] = [0.2, 1 / 3, 5];
    const expected = [lr * start];
    for (let t = 1; t <= total; t++) {
      expected.push(expected[t - 1] * (1 + (1 - start) / (total * start + (t - 1) * (1 - start))));
    }
    const constant = new StepLR({ lr, stepSize: 1000 });
    const schedule = new LinearWarmup(constant, { steps: total, startFactor: start });
    expect(rates(schedule, total + 1)).toEqual(near(expected));
  });

  it("never leaps where the other begins, whatever it is", () => {
    const inners = fc.constantFrom<Schedule>(
      new CosineSchedule({ lr: 0.4, steps: 100 }),
      new OneCycle({ maxLr: 1, steps: 50 }),
      new StepLR({ lr: 0.1, stepSize: 30 }),
      new LinearWarmup(new CosineSchedule({ lr: 0.4, steps: 100 }), { steps: 3 }),
    );
    fc.assert(
      fc.property(inners, fc.integer({ min: 1, max: 200 }), (inner, steps) => {
        const schedule = new LinearWarmup(inner, { steps });
        for (let t = 1; t <= steps; t++) {
          expect(schedule.getLr(t)).toBeGreaterThan(schedule.getLr(t - 1));
          expect(schedule.getLr(t) - schedule.getLr(t - 1)).toBeCloseTo(inner.getLr(0) / (steps + 1), 12);
        }
        expect(schedule.getLr(steps + 7)).toBe(inner.getLr(7));
      }),
    );
  });
});

describe("OneCycle", () => {
  it("begins at maxLr/25, peaks at 30 % of the steps and ends at a 250,000th", () => {
    const schedule = new OneCycle({ maxLr: 1, steps: 100 });
    expect([0, 29, 99, 500].map((step) => schedule.getLr(step))).toEqual(near([0.04, 1, 4e-6, 4e-6]));
  });

  it.each(["cosine", "linear"] as const)("follows PyTorch's phases, %s", (anneal) => {
    const [maxLr, steps, pctStart, divFactor, finalDivFactor] = [0.8, 37, 0.4, 10, 100];
    const schedule = new OneCycle({ maxLr, steps, pctStart, divFactor, finalDivFactor, anneal });
    const initial = maxLr / divFactor;
    const phases = [
      { end: pctStart * steps - 1, from: initial, to: maxLr },
      { end: steps - 1, from: maxLr, to: initial / finalDivFactor },
    ];
    for (let t = 0; t < steps; t++) {
      let begin = 0;
      let expected = Number.NaN;
      for (const [i, { end, from, to }] of phases.entries()) {
        if (t <= end || i === phases.length - 1) {
          const pct = (t - begin) / (end - begin);
          const cosine = to + ((from - to) / 2) * (1 + Math.cos(Math.PI * pct));
          expected = anneal === "cosine" ? cosine : from + pct * (to - from);
          break;
        }
        begin = end;
      }
      expect(schedule.getLr(t)).toBeCloseTo(expected, 12);
    }
  });

  it("has finite rates for every share of rising steps", () => {
    for (const steps of [2, 3, 10]) {
      for (const pctStart of [0, 0.1, 0.5, 1]) {
        const all = rates(new OneCycle({ maxLr: 1, steps, pctStart }), steps + 1);
        expect(
          all.every((lr) => lr > 0 && lr <= 1),
          `${steps}, ${pctStart}: ${all}`,
        ).toBe(true);
      }
    }
  });
});

describe("ReduceLROnPlateau", () => {
  it("falls after more than `patience` results without improvement, then waits through the cooldown", () => {
    const schedule = new ReduceLROnPlateau({ lr: 1, factor: 0.5, patience: 1, cooldown: 2 });
    const after = [3, 2, 2, 2, 2, 2, 2, 2, 1].map((value) => {
      schedule.observe(value);
      return schedule.getLr(0);
    });
    // 2 is no improvement on 2: twice is one too many; then two results do not count, and two more do
    expect(after).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]);
  });

  it("equals PyTorch's class, written out, for any results; with a relative threshold for those above 0", () => {
    const options = fc.record({
      factor: fc.constantFrom(0.1, 0.5),
      patience: fc.nat(3),
      cooldown: fc.nat(2),
      threshold: fc.constantFrom(0, 0.1, 0.3),
      thresholdMode: fc.constantFrom<"rel" | "abs">("rel", "abs"),
      mode: fc.constantFrom<"min" | "max">("min", "max"),
      minLr: fc.constantFrom(0, 0.01),
    });
    const results = fc.array(fc.oneof(fc.integer({ min: -4, max: 8 }), fc.constant(Number.NaN)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(options, results, (options, results) => {
        const schedule = new ReduceLROnPlateau({ lr: 1, ...options });
        const expected = plateau(options);
        let copy = new ReduceLROnPlateau({ lr: 1, ...options });
        for (const result of results) {
          const value = options.thresholdMode === "rel" ? Math.abs(result) : result;
          schedule.observe(value);
          copy.observe(value);
          const saved = JSON.parse(JSON.stringify(copy.stateDict()));
          copy = new ReduceLROnPlateau({ lr: 1, ...options });
          copy.loadStateDict(saved);
          expect(schedule.getLr(3)).toBe(expected(value));
          expect(copy.getLr(3)).toBe(schedule.getLr(3));
        }
      }),
    );
  });

  it("takes more of −x for better exactly where less of x is, whatever the signs", () => {
    const options = fc.record({
      patience: fc.nat(2),
      threshold: fc.constantFrom(0, 0.1, 2),
      thresholdMode: fc.constantFrom<"rel" | "abs">("rel", "abs"),
    });
    fc.assert(
      fc.property(options, fc.array(fc.integer({ min: -9, max: 9 })), (options, results) => {
        const [less, more] = (["min", "max"] as const).map(
          (mode) => new ReduceLROnPlateau({ lr: 1, factor: 0.5, mode, ...options }),
        );
        for (const value of results) {
          less.observe(value);
          more.observe(-value);
          expect(more.getLr(0)).toBe(less.getLr(0));
        }
      }),
    );
  });

  it("never takes a worse result for a better one", () => {
    const worse = fc.array(fc.double({ min: 1e-3, max: 10, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.double({ min: -9, max: 9, noNaN: true }), worse, fc.boolean(), (best, steps, less) => {
        const mode = less ? "min" : "max";
        const schedule = new ReduceLROnPlateau({ lr: 1, factor: 0.5, patience: 0, threshold: 0.1, mode });
        schedule.observe(best);
        steps.forEach((step, i) => {
          schedule.observe(less ? best + step : best - step);
          expect(schedule.getLr(0)).toBe(0.5 ** (i + 1));
        });
      }),
    );
    const schedule = new ReduceLROnPlateau({ lr: 1, factor: 0.5, patience: 0, threshold: 0.1 });
    for (const value of [-1, -0.95]) schedule.observe(value); // −0.95 is worse than −1
    expect(schedule.getLr(0)).toBe(0.5);
  });

  it("infers from the result's name whether more is better", () => {
    const lrAfter = (monitor: string, results: readonly number[]): number => {
      const schedule = new ReduceLROnPlateau({ lr: 1, factor: 0.5, patience: 0, monitor });
      for (const value of results) schedule.observe(value);
      return schedule.getLr(0);
    };
    expect(lrAfter("validation.accuracy", [0.5, 0.7, 0.9])).toBe(1);
    expect(lrAfter("validation.accuracy", [0.9, 0.7])).toBe(0.5);
    expect(lrAfter("validation.mae", [3, 2, 1])).toBe(1);
  });

  it("warms up like any other, and is told results through the warm-up", () => {
    const schedule = new LinearWarmup(new ReduceLROnPlateau({ lr: 1, patience: 0, monitor: "train.loss" }), {
      steps: 1,
    });
    expect(schedule.monitor).toBe("train.loss");
    schedule.observe(1);
    schedule.observe(1);
    expect(rates(schedule, 3)).toEqual(near([0.05, 0.1, 0.1]));
    const other = new LinearWarmup(new ReduceLROnPlateau({ lr: 1 }), { steps: 1 });
    other.loadStateDict(schedule.stateDict());
    expect(other.getLr(1)).toBeCloseTo(0.1, 12);
    expect(new LinearWarmup(new StepLR({ lr: 1, stepSize: 1 }), { steps: 1 }).monitor).toBeUndefined();
  });

  it("refuses a state that is none", () => {
    const schedule = new ReduceLROnPlateau({ lr: 1 });
    expect(() => schedule.loadStateDict({})).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ReduceLROnPlateau.loadStateDict: lr = NaN — must be a finite number above 0]`,
    );
    expect(() =>
      schedule.loadStateDict({ lr: 1, best: null, bad: -1, cooling: 0 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ReduceLROnPlateau.loadStateDict: bad = -1 — must be an integer ≥ 0]`,
    );
  });
});

describe("schedules refuse", () => {
  it("rates that are none", () => {
    expect(() => new StepLR({ lr: 0, stepSize: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: StepLR: lr = 0 — must be a finite number above 0]`,
    );
    expect(() => new CosineSchedule({ lr: -1, steps: 1 })).toThrow("CosineSchedule: lr = -1");
    expect(() => new OneCycle({ maxLr: Number.NaN, steps: 5 })).toThrow("OneCycle: maxLr = NaN");
    expect(() => new ReduceLROnPlateau({ lr: Number.POSITIVE_INFINITY })).toThrow("lr = Infinity");
    expect(() => new CosineSchedule({ lr: 0.1, steps: 9, minLr: 0.2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CosineSchedule: minLr = 0.2 — must be a number from 0 to 0.1]`,
    );
  });

  it("numbers of steps that are none", () => {
    expect(() => new StepLR({ lr: 1, stepSize: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: StepLR: stepSize = 0 — must be an integer ≥ 1]`,
    );
    expect(() => new CosineSchedule({ lr: 1, steps: 2.5 })).toThrow("steps = 2.5 — must be an integer ≥ 1");
    expect(() => new OneCycle({ maxLr: 1, steps: 1 })).toThrow("steps = 1 — must be an integer ≥ 2");
    expect(() => new LinearWarmup(new StepLR({ lr: 1, stepSize: 1 }), { steps: -3 })).toThrow("steps = -3");
    expect(() => new ReduceLROnPlateau({ lr: 1, patience: -1 })).toThrow("patience = -1");
  });

  it("shares and names that are none", () => {
    const inner = new StepLR({ lr: 1, stepSize: 1 });
    expect(() => new LinearWarmup(inner, { steps: 3, startFactor: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LinearWarmup: startFactor = 2 — must be a number from 0 to 1]`,
    );
    expect(() => new OneCycle({ maxLr: 1, steps: 9, pctStart: -0.1 })).toThrow("pctStart = -0.1");
    expect(() => new ReduceLROnPlateau({ lr: 1, factor: 1 })).toThrow("factor = 1");
    expect(() => new LinearWarmup(undefined as never, { steps: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LinearWarmup: undefined — expected the schedule that follows, such as new CosineSchedule({ lr, steps })]`,
    );
    expect(
      () => new OneCycle({ maxLr: 1, steps: 9, anneal: "cos" as never }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: OneCycle: anneal "cos" — expected "cosine" or "linear"]`,
    );
    expect(() => new ReduceLROnPlateau({ lr: 1, mode: "less" as never })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ReduceLROnPlateau: mode "less" — expected "min" or "max"]`,
    );
    const thresholdMode = "relative" as never;
    expect(() => new ReduceLROnPlateau({ lr: 1, thresholdMode })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ReduceLROnPlateau: thresholdMode "relative" — expected "rel" or "abs"]`,
    );
  });

  it("steps that are none", () => {
    const schedule = new StepLR({ lr: 1, stepSize: 1 });
    expect(() => schedule.getLr(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: StepLR.getLr: step -1 — steps are counted 0, 1, 2, …]`,
    );
    expect(() => schedule.getLr(0.5)).toThrow("step 0.5 — steps are counted 0, 1, 2, …");
  });
});

type Options = Required<Omit<ConstructorParameters<typeof ReduceLROnPlateau>[0], "lr" | "monitor">>;

/** torch.optim.lr_scheduler.ReduceLROnPlateau.step, line by line. */
function plateau({ factor, patience, cooldown, threshold, thresholdMode, mode, minLr }: Options) {
  let best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let [lr, bad, cooling] = [1, 0, 0];
  const isBetter = (a: number): boolean => {
    if (mode === "min" && thresholdMode === "rel") return a < best * (1 - threshold);
    if (mode === "min") return a < best - threshold;
    if (thresholdMode === "rel") return a > best * (threshold + 1);
    return a > best + threshold;
  };
  return (metric: number): number => {
    if (isBetter(metric)) {
      best = metric;
      bad = 0;
    } else {
      bad += 1;
    }
    if (cooling > 0) {
      cooling -= 1;
      bad = 0;
    }
    if (bad > patience) {
      const reduced = Math.max(lr * factor, minLr);
      if (lr - reduced > 1e-8) lr = reduced;
      cooling = cooldown;
      bad = 0;
    }
    return lr;
  };
}
