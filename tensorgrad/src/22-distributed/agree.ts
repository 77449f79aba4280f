import type { Group } from "./group.ts";
import { RankError } from "./mpi.ts";

/** Something that all ranks must have equal, and what it is here. */
export type Fact = readonly [what: string, value: string];

/**
 * Compares facts with rank 0's.
 *
 * Throws  RankError on every rank, if one of them differs: each names who differs in what, and the one that does both values
 */
export function agree(group: Group, call: string, facts: readonly Fact[]): void {
  if (group.size === 1) return;
  const first = JSON.parse(said(group, JSON.stringify(facts))) as Fact[];
  const wrong = facts.findIndex(([what, value], i) => first[i]?.[0] !== what || first[i]?.[1] !== value);
  const differs = wrong >= 0 ? wrong : first.length > facts.length ? facts.length : -1;
  const all = group.sum(Array.from({ length: group.size }, (_, i) => (i === group.rank ? differs + 1 : 0)));
  const who = all.findIndex((found) => found > 0);
  if (who < 0) return;
  const name = first[all[who] - 1]?.[0] ?? "more to compare";
  const values =
    who === group.rank
      ? `: ${facts[differs]?.[1] ?? "nothing"} here, ${first[differs]?.[1] ?? "nothing"} on rank 0`
      : "";
  throw new RankError(
    `${call}: rank ${who} differs from rank 0 in its ${name}${values} — all ranks run the same program with the same settings, ` +
      "on files that are the same",
  );
}

/** Rank 0's text. */
function said(group: Group, text: string): string {
  const own = new TextEncoder().encode(text);
  const length = group.sum([group.rank === 0 ? own.length : 0])[0];
  const bytes = group.rank === 0 ? own : new Uint8Array(length);
  group.broadcast(bytes);
  return new TextDecoder().decode(bytes);
}
