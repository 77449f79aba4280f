import { bytesPerElement } from "../../00-runtime/index.ts";
import type { Block, Entry } from "./recording.ts";

/** Blocks begin at multiples of a cache line. */
const LINE = 64;

/** So many stretches of a chain may be computed at once, each with memory of its own for what is inner to it. */
export const LANES = 8;

/** Where blocks lie in the memory of a recording, in bytes from its beginning. */
export interface Plan {
  readonly places: ReadonlyMap<Block, number>;
  readonly bytes: number;
}

/** When a block is in use: from its first entry to its last one. */
interface Life {
  readonly block: Block;
  readonly bytes: number;
  readonly first: number;
  last: number;
}

/** The blocks that an entry touches. */
export function blocksOf(entry: Entry): Block[] {
  if (entry.kind === "call") return entry.args.flatMap((x) => (typeof x === "number" ? [] : x.block));
  if (entry.kind === "chain") return entry.members.flatMap(blocksOf);
  if ("operands" in entry) return entry.operands.map(({ block }) => block);
  return entry.entries.flatMap(blocksOf);
}

/**
 * Gives every block of a step its place. Those that `last` beyond the step have one of their own. The others share memory
 * with blocks whose lives do not overlap with theirs. The largest is placed first, each as low as it fits.
 *
 * Source    Pisarchyk & Lee 2020, Efficient memory management for deep neural net inference (greedy by size)
 */
// exercise: capture-plan
export function plan(entries: readonly Entry[], lasting: Iterable<Block>): Plan {
  const places = new Map<Block, number>();
  let end = 0;
  for (const block of lasting) {
    if (places.has(block)) continue;
    places.set(block, end);
    end += sizeOf(block);
  }
  const placed: { readonly life: Life; readonly from: number }[] = [];
  let bytes = end;
  for (const life of livesOf(entries, places).sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let from = end;
    for (const other of placed) {
      if (other.life.last < life.first || life.last < other.life.first) continue;
      if (other.from < from + life.bytes) from = Math.max(from, other.from + other.life.bytes);
    }
    insert(placed, { life, from });
    places.set(life.block, from);
    bytes = Math.max(bytes, from + life.bytes);
  }
  return { places, bytes };
}

/** In bytes, with what is left of its last cache line. */
export const sizeOf = ({ storage }: Block): number => {
  const bytes = storage.size * bytesPerElement(storage.dtype);
  return Math.max(LINE, Math.ceil(bytes / LINE) * LINE);
};

/** Of the blocks that the step makes and nobody needs afterwards. */
function livesOf(entries: readonly Entry[], lasting: ReadonlyMap<Block, number>): Life[] {
  const lives = new Map<Block, Life>();
  for (const [i, entry] of entries.entries())
    for (const block of blocksOf(entry)) {
      if (block.origin !== "step" || lasting.has(block)) continue;
      const life = lives.get(block);
      const inner = entry.kind === "chain" ? entry.inner.get(block) : undefined;
      if (life) life.last = i;
      else
        lives.set(block, {
          block,
          bytes: inner === undefined ? sizeOf(block) : LANES * inner,
          first: i,
          last: i,
        });
    }
  return [...lives.values()];
}

/** Keeps the list in the order of addresses, so that the first gap found is the lowest. */
function insert<T extends { readonly from: number }>(list: T[], one: T): void {
  let at = list.length;
  while (at > 0 && list[at - 1].from > one.from) at--;
  list.splice(at, 0, one);
}
