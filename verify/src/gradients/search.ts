import fc from "fast-check";

/** How examples are drawn. */
export interface Draws {
  readonly seed?: number;
  /** Examples drawn. */
  readonly runs?: number;
  /** False stops at the first failing example, without looking for the smallest. */
  readonly shrink?: boolean;
}

export const DRAWS = ["seed", "runs", "shrink"] as const;

/** How an example that breaks a law is looked for, and made small. */
export interface SearchOptions extends Required<Draws> {
  /** Replays one draw. */
  readonly path?: string | undefined;
}

/** How a draw is made again. */
interface Place {
  readonly seed: number;
  readonly path: string;
}

export interface Found<T> extends Place {
  readonly draw: T;
}

/** A counterexample of more numbers than this is hard to read, and worth a search for a smaller one. */
const READABLE = 8;
/** Draws looked through for an example smaller than the one that shrinking ended with. */
const LOOKED_THROUGH = 2000;

/**
 * Draws examples until one breaks a law, then looks for the smallest that breaks the same one: a fault is best seen
 * where nothing else happens. Null if all `runs` examples hold.
 */
export function search<T>(
  drawn: fc.Arbitrary<T>,
  lawBroken: (draw: T) => string | null,
  numbers: (draw: T) => number,
  { seed, runs, path, shrink }: SearchOptions,
): Found<T> | null {
  let broken: string | null = null;
  const property = fc.property(drawn, (draw) => {
    const law = lawBroken(draw);
    broken ??= law;
    return law === null || law !== broken;
  });
  const settings = { seed, numRuns: runs, endOnFailure: !shrink };
  const first = found(fc.check(property, path === undefined ? settings : { ...settings, path }));
  if (first === null || !shrink || path !== undefined || numbers(first.draw) <= READABLE) return first;
  const better = smaller(drawn, seed, numbers, first.draw, (draw) => lawBroken(draw) === broken);
  return better === null ? first : found(fc.check(property, { ...settings, path: String(better) }));
}

/**
 * The position of the smallest draw that fails in the same way, or null. Shrinking gets stuck where a smaller shape
 * means other options and other numbers, which then happen to pass; chance does better, small examples first.
 */
function smaller<T>(
  drawn: fc.Arbitrary<T>,
  seed: number,
  numbers: (draw: T) => number,
  known: T,
  fails: (draw: T) => boolean,
): number | null {
  const candidates = fc
    .sample(drawn, { seed, numRuns: LOOKED_THROUGH })
    .map((draw, position) => ({ draw, position, size: numbers(draw) }))
    .filter(({ size }) => size < numbers(known))
    .sort((a, b) => a.size - b.size);
  return candidates.find(({ draw }) => fails(draw))?.position ?? null;
}

/** What fast-check ended with. An arbitrary that throws has no counterexample, only an error. */
function found<T>(details: fc.RunDetails<[T]>): Found<T> | null {
  if (!details.failed) return null;
  if (details.counterexample === null) throw details.errorInstance ?? new Error("no example could be drawn");
  return { draw: details.counterexample[0], seed: details.seed, path: details.counterexamplePath ?? "0" };
}

/** What went wrong, and how to see it again. */
export interface Failed extends Place {
  readonly message: string;
}

/** An example that breaks a law, as small as it could be made. */
export interface Smallest<T> extends Failed {
  /** Null if not even one could be drawn. */
  readonly example: T | null;
}

/** Draws examples until the law throws, and shrinks that one; null if it holds for all `runs` of them. */
export async function smallestFailure<T>(
  drawn: fc.Arbitrary<T>,
  { seed, runs, shrink = true }: Draws & { readonly seed: number; readonly runs: number },
  law: (example: T) => Promise<void>,
): Promise<Smallest<T> | null> {
  const settings = { seed, numRuns: runs, endOnFailure: !shrink };
  const details = await fc.check(fc.asyncProperty(drawn, law), settings);
  if (!details.failed) return null;
  const { counterexample, counterexamplePath, errorInstance: error } = details;
  const message = error instanceof Error ? error.message : String(error);
  return { message, example: counterexample?.[0] ?? null, seed, path: counterexamplePath ?? "" };
}
