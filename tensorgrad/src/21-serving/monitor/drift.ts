import { expectArgument } from "../../00-runtime/index.ts";
import { kolmogorovSmirnov, type TestResult } from "./kolmogorov-smirnov.ts";
import { binCounts, populationStability } from "./population-stability.ts";
import {
  categoryCounts,
  type FeatureReference,
  isNumber,
  type Observation,
  type Reference,
} from "./reference.ts";
import { shareShift } from "./share-shift.ts";

/** One test of one feature. */
export interface FeatureTest extends TestResult {
  readonly test: "kolmogorov-smirnov" | "shares";
  /** Whether `p` is below the limit of its window. */
  readonly drifted: boolean;
}

/** How a feature's window compares with its reference. */
export interface FeatureDrift {
  readonly feature: string;
  readonly kind: FeatureReference["kind"];
  readonly drifted: boolean;
  /** The population stability index: how large the change is. */
  readonly size: number;
  readonly tests: readonly FeatureTest[];
  /** Shares by bin or name, for a picture: of the reference, and of the window. */
  readonly labels: readonly string[];
  readonly reference: readonly number[];
  readonly window: readonly number[];
}

/** What was found in one window. */
export interface DriftReport {
  readonly drifted: boolean;
  /** A test has to fall below it. */
  readonly limit: number;
  readonly features: readonly FeatureDrift[];
}

/**
 * Compares a window of observations with the reference, feature by feature: numbers by Kolmogorov–Smirnov and by the shares of
 * their bins, what is missing among them; categories by their shares. The stability index says how large a change is; whether it
 * is one say the tests, whose p is exact or too large, never too small.
 *
 * Many tests find something by chance: of a hundred at 1 %, one. So each has to fall below `falseAlarms` divided by the number
 * of all tests of the window (Bonferroni): then a window in which nothing drifted gives an alarm with a chance of at most
 * `falseAlarms`, however the features depend on each other.
 */
export function compareWindow(
  reference: Reference,
  observations: readonly Observation[],
  falseAlarms: number,
): DriftReport {
  const known =
    typeof reference === "object" && reference !== null && Object.values(reference).every((one) => one?.kind);
  expectArgument(known, "compareWindow", "reference", reference, "what referenceOf(…) made");
  expectArgument(
    Array.isArray(observations),
    "compareWindow",
    "observations",
    observations,
    "a list of observations",
  );
  const found = Object.entries(reference).map(([feature, one]) => ({
    feature,
    kind: one.kind,
    ...compared(
      one,
      observations.map((observation) => observation[feature]),
    ),
  }));
  const limit = falseAlarms / found.reduce((sum, { tests }) => sum + tests.length, 0);
  const features = found.map((one) => {
    const tests = one.tests.map((test) => ({ ...test, drifted: test.p < limit }));
    return { ...one, tests, drifted: tests.some(({ drifted }) => drifted) };
  });
  return { drifted: features.some(({ drifted }) => drifted), limit, features };
}

type Compared = Pick<FeatureDrift, "size" | "labels" | "reference" | "window"> & {
  readonly tests: readonly Omit<FeatureTest, "drifted">[];
};

function compared(one: FeatureReference, values: readonly unknown[]): Compared {
  if (one.kind === "category") {
    const counts = categoryCounts(values, one.names);
    const tests = [{ test: "shares" as const, ...shareShift(one.counts, counts) }];
    const size = populationStability(one.counts, counts).statistic;
    return { tests, size, labels: one.names, reference: shares(one.counts), window: shares(counts) };
  }
  const numbers = values.map((value) => (isNumber(value) ? value : Number.NaN));
  const counts = binCounts(numbers, one.limits);
  const finite = Float64Array.from(numbers.filter(isNumber)).sort();
  const distance =
    finite.length > 0 && one.sorted.length > 0
      ? kolmogorovSmirnov(one.sorted, finite)
      : { statistic: 0, p: 1 };
  return {
    tests: [
      { test: "kolmogorov-smirnov", ...distance },
      { test: "shares", ...shareShift(one.counts, counts) },
    ],
    size: populationStability(one.counts, counts).statistic,
    labels: labelsOf(one.limits),
    reference: shares(one.counts),
    window: shares(counts),
  };
}

const shares = (counts: readonly number[]): number[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total ? count / total : 0));
};

/** "< 0.2", "0.2 …", "missing". */
function labelsOf(limits: readonly number[]): string[] {
  const short = limits.map((limit) => String(Number(limit.toPrecision(3))));
  return [short.length ? `< ${short[0]}` : "any", ...short.map((limit) => `from ${limit}`), "missing"];
}
