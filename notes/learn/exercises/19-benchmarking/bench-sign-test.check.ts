import assert from "node:assert/strict";
import { ratioOf } from "tensorgrad/benchmarking";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** Which of the ratios 1, 2, …, n the interval ends at. */
function ends(n: number): readonly [low: number, high: number] {
  const before = Array.from({ length: n }, (_, i) => i + 1);
  const { low, high } = ratioOf(
    before,
    before.map(() => 1),
  );
  return [low, high];
}

const is = (n: number, expected: readonly number[]) =>
  assert.deepEqual(
    ends(n),
    expected,
    `of the ratios 1 to ${n}, the interval ends at ${ends(n).join(" and ")}, by the table at ${expected.join(" and ")}`,
  );

/** The chance that the interval from the k-th smallest to the k-th largest misses the true median. */
function missed(n: number, k: number): number {
  let [sum, binomial] = [0, 1];
  for (let i = 0; i < k; i++) {
    sum += binomial;
    binomial *= (n - i) / (i + 1);
  }
  return (2 * sum) / 2 ** n;
}

export const checks: Checks = {
  "15 rounds: from the 4th smallest to the 4th largest": () => is(15, [4, 12]),
  "few rounds: six need all, nine may leave one out": () => {
    is(6, [1, 6]);
    is(9, [2, 8]);
  },
  "the interval is the narrowest that misses in 5 of 100 cases at most": () => {
    for (const n of [7, 12, 20, 30, 50]) {
      const [low, high] = ends(n);
      assert.equal(low + high, n + 1, `${n} rounds: as many are left out at one end as at the other`);
      assert.ok(
        missed(n, low) <= 0.05,
        `${n} rounds: from the ${low}th on, the true median is missed too often`,
      );
      assert.ok(missed(n, low + 1) > 0.05, `${n} rounds: one more ratio could be left out at either end`);
    }
  },
  "five rounds are too few": () => {
    assert.throws(
      () => ends(5),
      /needs 6 or more/,
      "an interval of five ratios misses in more than 5 of 100 cases",
    );
    is(8, [1, 8]);
  },
};

export const probes: Probes = () => [5, 6, 9, 15, 20].flatMap((n) => attempt(() => ends(n)));
