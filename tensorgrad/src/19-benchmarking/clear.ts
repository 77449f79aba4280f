import { checked, expectArgument, isList } from "../00-runtime/index.ts";
import { ALLOWED } from "./regression.ts";
import { type Ratio, ratioOf } from "./statistics.ts";

/** What two sides took in one round, in one unit. */
export type Pair = readonly [base: number, now: number];

/** Options of `roundsUntilClear`. */
export interface ClearOptions {
  /** As for `compareReports`: a ratio may be this far below 1. */
  readonly allowed?: number;
  /** Before anything is judged. */
  readonly rounds?: number;
  /** When to give up: then a case counts as one that has not changed. */
  readonly most?: number;
}

/** Rounds of both sides; entry i of each belongs to the same round. */
export interface PairedRounds {
  readonly base: readonly number[];
  readonly now: readonly number[];
}

/** Whoever looks at the rounds again and again errs more often than in one of twenty: so it is looked rarely. */
const GROWTH = 1.5;

/**
 * Measures two sides in turns until it is clear whether the second one is slower.
 *
 * A quiet case is clear after a few rounds; a noisy one gets as many as it needs: until an interval of 95 % lies on one side of
 * what is allowed. What then seems slower is measured once more from the start, and only the second measurement counts: a
 * spell of the machine that has fooled the first does not last for the second.
 *
 * `take` measures one round; null means that a side cannot, and is the result.
 *
 * Throws    RangeError for counts that are no integers, fewer than 8 rounds, or `most` below `rounds`; TypeError for a round
 *           that is no pair of numbers
 * Source    Wald 1945, Sequential tests of statistical hypotheses (the idea: as many samples as the question needs)
 */
export async function roundsUntilClear(
  take: (round: number) => Pair | null | Promise<Pair | null>,
  options: ClearOptions = {},
): Promise<PairedRounds | null> {
  const {
    allowed = ALLOWED.paired,
    rounds = 25,
    most = 400,
  } = checked("roundsUntilClear", options, ["allowed", "rounds", "most"]);
  expectArgument(typeof take === "function", "roundsUntilClear", "take", take, "a function of the round");
  if (![rounds, most].every(Number.isInteger) || rounds < 8 || most < rounds)
    throw new RangeError(
      `roundsUntilClear: rounds = ${rounds}, most = ${most} — integers, at least 8, and most no less than rounds`,
    );
  const once = () => measured(take, { allowed, rounds, most });
  const first = await once();
  return first && ratioOf(first.base, first.now).high < allowed ? once() : first;
}

async function measured(
  take: (round: number) => Pair | null | Promise<Pair | null>,
  { allowed, rounds, most }: Required<ClearOptions>,
): Promise<PairedRounds | null> {
  const found: { base: number[]; now: number[] } = { base: [], now: [] };
  for (let next = rounds, round = 0; ; next = Math.min(most, Math.ceil(GROWTH * next))) {
    for (; round < next; round++) {
      const pair = await take(round);
      if (pair === null) return null;
      const [base, now] = expectPair(pair);
      found.base.push(base);
      found.now.push(now);
    }
    if (next === most || isClear(ratioOf(found.base, found.now), allowed)) return found;
  }
}

const isClear = ({ low, high }: Ratio, allowed: number): boolean => high < allowed || low > allowed;

function expectPair(pair: Pair): Pair {
  const fits = isList(pair) && pair.length === 2 && pair.every((x) => Number.isFinite(x) && x > 0);
  expectArgument(fits, "roundsUntilClear", "take(round)", pair, "two times above 0, [base, now]");
  return pair;
}
