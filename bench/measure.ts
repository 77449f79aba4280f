import { medianOf } from "tensorgrad/benchmarking";
import type { Case } from "./cases.ts";

/** One who can be asked for a round: a process, or a stand-in under test. */
export interface Measured {
  readonly name: string;
  round(
    request: Pick<Case, "work" | "repeat"> & { readonly milliseconds: number },
    limit: number,
  ): Promise<number | null>;
}

export interface Effort {
  readonly rounds: number;
  /** Of sampling, per contender and round. */
  readonly milliseconds: number;
  /** Nobody is waited for longer than this in one round. */
  readonly limit: number;
  /** When all must be done, on the clock of `now`; later cases make do with fewer rounds. */
  readonly deadline: number;
  readonly now: () => number;
}

/** Median seconds of one call by contender; null for those who have no such thing. */
export type Seconds = Readonly<Record<string, number | null>>;
/** The same round by round; none for those. */
export type Samples = Readonly<Record<string, readonly number[]>>;

export const mediansOf = (samples: Samples): Seconds =>
  Object.fromEntries(Object.entries(samples).map(([name, seconds]) => [name, medianOf(seconds)]));

/**
 * Rounds are interleaved, A B C A B C …: a disturbance of the machine hits all contenders alike, and the median
 * over rounds drops it. Every case gets an equal share of what time is left, and at least one round;
 * a round that would not fit into it is not begun.
 */
export async function measureCase(
  { work, repeat }: Case,
  contenders: readonly Measured[],
  effort: Effort,
  casesLeft: number,
): Promise<Samples> {
  const { rounds, milliseconds, limit, deadline, now } = effort;
  const start = now();
  const share = (deadline - start) / casesLeft;
  const fits = (done: number): boolean => {
    const elapsed = now() - start;
    return elapsed + elapsed / done <= share;
  };
  const samples = new Map<Measured, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds && (round === 0 || fits(round)); round++) {
    for (const [contender, seconds] of samples) {
      const measured = await contender.round({ work, repeat, milliseconds }, limit);
      if (measured === null) samples.delete(contender);
      else seconds.push(measured);
    }
  }
  return Object.fromEntries(contenders.map((one) => [one.name, samples.get(one) ?? []]));
}
