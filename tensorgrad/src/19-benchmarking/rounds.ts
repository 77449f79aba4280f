import { checked, expectArgument } from "../00-runtime/index.ts";
/** Options of `interleaved` and `interleavedSync`. */
export interface RoundOptions {
  /** Rounds that count; every way is measured once in each. */
  readonly rounds?: number;
  /** Rounds before them, until compilers and caches have settled. */
  readonly warmUp?: number;
  /** Milliseconds; for tests, one that does not depend on the machine. */
  readonly now?: () => number;
}

/** Milliseconds of each round, by way. Entry i of each list belongs to the same round. */
export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/**
 * Times several ways in turns, A B C, C B A, A B C, …: a slow spell of the machine hits all of them alike, and what one leaves in the
 * caches, another finds as often. A way may be asynchronous.
 *
 * Throws    RangeError for counts that are no integers, or less than one round
 */
export async function interleaved<Name extends string>(
  ways: Readonly<Record<Name, () => unknown>>,
  options: RoundOptions = {},
): Promise<Rounds<Name>> {
  const { now, order, rounds, times } = prepared(ways, options);
  for (const { round, name } of order) {
    const start = now();
    const result = ways[name]();
    if (result instanceof Promise) await result;
    if (round >= 0) times[name].push(now() - start);
  }
  return rounds;
}

/** The same for synchronous ways, without a turn of the event loop between them. */
export function interleavedSync<Name extends string>(
  ways: Readonly<Record<Name, () => void>>,
  options: RoundOptions = {},
): Rounds<Name> {
  const { now, order, rounds, times } = prepared(ways, options);
  for (const { round, name } of order) {
    const start = now();
    ways[name]();
    if (round >= 0) times[name].push(now() - start);
  }
  return rounds;
}

function prepared<Name extends string>(ways: Readonly<Record<Name, unknown>>, options: RoundOptions) {
  const {
    rounds = 15,
    warmUp = 3,
    now = () => performance.now(),
  } = checked("interleaved", options, ["rounds", "warmUp", "now"]);
  const fits =
    typeof ways === "object" &&
    ways !== null &&
    Object.values(ways).every((way) => typeof way === "function");
  expectArgument(
    fits,
    "interleaved",
    "ways",
    ways,
    "an object of functions: { first: () => …, second: () => … }",
  );
  if (![rounds, warmUp].every(Number.isInteger) || rounds < 1 || warmUp < 0)
    throw new RangeError(`interleaved: rounds = ${rounds}, warmUp = ${warmUp} — integers, at least 1 and 0`);
  const names = Object.keys(ways) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  return { now, order: turns(names, -warmUp, rounds), rounds: times as Rounds<Name>, times };
}

/** Forwards in even rounds, backwards in odd ones. */
function* turns<Name>(
  names: readonly Name[],
  first: number,
  end: number,
): Generator<{ round: number; name: Name }> {
  for (let round = first; round < end; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) yield { round, name };
}
