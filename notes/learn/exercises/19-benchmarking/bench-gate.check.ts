import assert from "node:assert/strict";
import { type BenchmarkReport, type CaseChange, compareReports, machine } from "tensorgrad/benchmarking";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const report = (run: string, seconds: readonly number[]): BenchmarkReport => ({
  ...{ run, machine: machine(1), cases: { work: seconds } },
});

/** One case, before and now; rounds in turns have one run. */
const judged = (before: readonly number[], now: readonly number[], paired = true): CaseChange =>
  compareReports(report("a", before), report(paired ? "a" : "b", now)).changes[0];

const ROUNDS = Array.from({ length: 15 }, (_, i) => i);
/** A quiet machine, and one that is disturbed in every third round, up to a hundred times as slow. */
const QUIET = ROUNDS.map(() => 1);
const DISTURBED = ROUNDS.map((i) => (i % 3 === 0 ? 10 + 6 * i : 1 + 0.1 * i));
/** Ratios on both sides of 1, the median below the limit. */
const NOISY = ROUNDS.map((i) => [0.7, 1.3, 1.1, 1.2, 0.8][i % 5]);

const times = (seconds: readonly number[], factor: number): number[] => seconds.map((x) => factor * x);

const is = (found: CaseChange, expected: CaseChange["verdict"], what: string) =>
  assert.equal(
    found.verdict,
    expected,
    `${what}: "${found.verdict}", with a ratio of ${found.ratio.toFixed(2)} between ${found.low.toFixed(2)} and ${found.high.toFixed(2)}`,
  );

export const checks: Checks = {
  "an interval on both sides of the limit says nothing": () => {
    is(judged(QUIET, NOISY), "same", "noise on both sides of 1");
    is(judged(NOISY, QUIET), "same", "noise on both sides of 1, the other way round");
  },
  "a change within what is allowed is none": () => {
    is(judged(QUIET, times(QUIET, 1.02)), "same", "2 % slower in every round");
    is(judged(times(QUIET, 1.02), QUIET), "same", "2 % faster in every round");
  },
  "rounds in turns: disturbances cancel": () => {
    is(
      judged(DISTURBED, times(DISTURBED, 1.1)),
      "slower",
      "10 % slower in every round, on a disturbed machine",
    );
    is(
      judged(times(DISTURBED, 1.1), DISTURBED),
      "faster",
      "10 % faster in every round, on a disturbed machine",
    );
  },
};

export const probes: Probes = () =>
  [
    () => judged(QUIET, NOISY),
    () => judged(NOISY, QUIET),
    () => judged(QUIET, times(QUIET, 1.02)),
    () => judged(DISTURBED, times(DISTURBED, 1.1)),
    () => judged(QUIET, times(QUIET, 1.5), false),
  ].flatMap((run) =>
    attempt(() => {
      const { ratio, verdict } = run();
      return [ratio, verdict];
    }),
  );
