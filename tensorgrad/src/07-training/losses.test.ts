import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Losses } from "./losses.ts";

describe("Losses", () => {
  it("are those of every step up to 1,024, and means of neighbours beyond", () => {
    const losses = new Losses();
    for (let step = 1; step <= 1024; step++) losses.add(step);
    expect([losses.values, losses.stepsPerLoss]).toEqual([Array.from({ length: 1024 }, (_, i) => i + 1), 1]);
    losses.add(1025);
    expect(losses.stepsPerLoss).toBe(2);
    expect(losses.values.slice(0, 2)).toEqual([1.5, 3.5]);
    expect(losses.values.slice(-2)).toEqual([1023.5, 1025]); // the last of one step so far
  });

  it("stay few, keep their mean, and go on from a saved state, for any number of steps", () => {
    const steps = fc.integer({ min: 1, max: 9000 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
        const whole = new Losses();
        let resumed = new Losses();
        let sum = 0;
        for (let step = 0; step < count; step++) {
          const loss = Math.sin(step);
          sum += loss;
          whole.add(loss);
          if (step === Math.floor(share * count))
            resumed = Losses.from(JSON.parse(JSON.stringify(resumed.stateDict())));
          resumed.add(loss);
        }
        const { values, stepsPerLoss } = whole;
        expect(values.length).toBeLessThanOrEqual(1024);
        const last = count - (values.length - 1) * stepsPerLoss; // steps in the last mean
        const total = values.reduce(
          (all, value, i) => all + value * (i < values.length - 1 ? stepsPerLoss : last),
          0,
        );
        expect(total).toBeCloseTo(sum, 9);
        expect(JSON.stringify(resumed.stateDict())).toBe(JSON.stringify(whole.stateDict()));
      }),
      { numRuns: 30 },
    );
  });

  it("take a long list, as older states have it", () => {
    const losses = Losses.from({ losses: Array.from({ length: 150_000 }, () => 1) });
    expect([losses.values.length <= 1024, new Set(losses.values)]).toEqual([true, new Set([1])]);
  });
});
