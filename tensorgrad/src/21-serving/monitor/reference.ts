import { expectArgument } from "../../00-runtime/index.ts";
import { binCounts, binLimits } from "./population-stability.ts";

/** What a model saw or said once: numbers and names by feature. A feature that is missing counts as such. */
export type Observation = Readonly<Record<string, number | string | null | undefined>>;

/** A feature of numbers: the values, sorted, and how many lie in each bin. */
export interface NumericReference {
  readonly kind: "number";
  readonly sorted: Float64Array;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** A feature of names: how often each came. */
export interface CategoryReference {
  readonly kind: "category";
  readonly names: readonly string[];
  readonly counts: readonly number[];
}

/** How a feature was distributed in training: numbers in bins, or counted categories. */
export type FeatureReference = NumericReference | CategoryReference;

/** By feature. */
export type Reference = Readonly<Record<string, FeatureReference>>;

/** Names beyond so many are counted together: a feature that is different each time is no category. */
const MOST_NAMES = 100;
/** Counted for what the reference does not know, or has too many of; and for what is missing. */
export const OTHER = "(other)";
export const MISSING = "(missing)";

/**
 * What is normal: observations from the time when the model was good, such as its validation set. Windows are compared with it.
 *
 * A feature whose values are numbers is compared as such; all others as categories, booleans and labels among them.
 *
 * Throws    RangeError without observations, or without a feature
 */
export function referenceOf(observations: readonly Observation[]): Reference {
  const fits =
    Array.isArray(observations) && observations.every((one) => typeof one === "object" && one !== null);
  expectArgument(
    fits,
    "referenceOf",
    "observations",
    observations,
    "a list of observations, { name: value } each",
  );
  const names = [...new Set(observations.flatMap((one) => Object.keys(one)))];
  if (names.length === 0) {
    throw new RangeError(
      `referenceOf: ${observations.length} observations without a feature — give what the model saw while it was good, { name: value } each`,
    );
  }
  const features = names.map((name) => {
    const values = observations.map((one) => one[name]);
    const known = values.filter((value) => value !== null && value !== undefined);
    const numeric = known.length > 0 && known.every((value) => typeof value === "number");
    return [name, numeric ? numbers(values) : categories(values)] as const;
  });
  return Object.fromEntries(features);
}

export const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

function numbers(values: readonly unknown[]): NumericReference {
  const sorted = Float64Array.from(values.filter(isNumber)).sort();
  const limits = sorted.length ? binLimits(sorted) : [];
  const all = values.map((value) => (isNumber(value) ? value : Number.NaN));
  return { kind: "number", sorted, limits, counts: binCounts(all, limits) };
}

function categories(values: readonly unknown[]): CategoryReference {
  const tally = new Map<string, number>();
  for (const value of values) {
    const name = value === null || value === undefined ? MISSING : String(value);
    tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  const frequent = [...tally].sort(([, a], [, b]) => b - a).slice(0, MOST_NAMES);
  const names = [...new Set([...frequent.map(([name]) => name), MISSING, OTHER])];
  return { kind: "category", names, counts: categoryCounts(values, names) };
}

/** How often each of the names came; the last one, `OTHER`, stands for all that are not among them. */
export function categoryCounts(values: readonly unknown[], names: readonly string[]): number[] {
  const places = new Map(names.map((name, i) => [name, i]));
  const [missing, other] = [places.get(MISSING) ?? 0, places.get(OTHER) ?? 0];
  const counts = new Array<number>(names.length).fill(0);
  for (const value of values) {
    const place = value === null || value === undefined ? missing : places.get(String(value));
    counts[place ?? other]++;
  }
  return counts;
}
