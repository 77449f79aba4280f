import assert from "node:assert/strict";
import { trace, Value, v } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradient of x in x·x + x. */
function usedThreeTimes(at: number): number {
  const x = v(at);
  x.mul(x).add(x).backward();
  return x.grad;
}

/** What the stepper shows of the product 2·3. */
const shown = (): number[] => [...trace(v(2).mul(3))].flatMap(({ contributions }) => contributions);

/** An operation whose derivative forgets its second input. */
const forgetful = (): void => new Value(5, "", "sum", [v(2), v(3)], (g) => [g]).backward();

export const checks: Checks = {
  "the uses of a value add up": () => near("gradient of x in x·x + x at 3", usedThreeTimes(3), 7),
  "contributions are returned": () => near("contributions of 2·3 to its factors", shown(), [3, 2]),
  "too few contributions are refused": () =>
    assert.throws(forgetful, TypeError, "one contribution for two inputs: expected a TypeError"),
};

export const probes: Probes = () => [
  ...tried(() => usedThreeTimes(3)),
  ...tried(shown),
  ...tried(() => {
    forgetful();
    return 0;
  }),
];
