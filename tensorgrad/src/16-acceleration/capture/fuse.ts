import type { BoundCall } from "../../00-runtime/index.ts";
import { operandAt } from "./memory.ts";
import { blocksOf, sizeOf } from "./plan.ts";
import type { Block, CallEntry, ChainEntry, Entry, Place } from "./recording.ts";

/**
 * Chains of element-wise kernels become one pass over memory. In a chain each kernel reads what those before have written. A
 * stretch goes through all kernels before the next stretch begins. So what one kernel writes is still in the first cache when
 * the next one reads it. What nobody needs after the chain is never written to memory at all: it gets room for one stretch.
 *
 * A stretch is computed by the same kernels, divided as they are between threads: every bit is what it was.
 */

/** Elements of a stretch: 16 KB of each operand. */
const STRETCH = 4096;

/** An element-wise kernel, as it was recorded. */
interface Member {
  readonly entry: CallEntry;
  readonly divided: NonNullable<BoundCall["divided"]>;
  /** Elements of the largest operand. */
  readonly elements: number;
}

/** Puts chains into the place of their kernels. `lasting` are blocks that are needed after the step. */
export function fused(entries: readonly Entry[], lasting: ReadonlySet<Block>): Entry[] {
  const found: (Entry | Member[])[] = [];
  for (const entry of entries) {
    const member = memberOf(entry);
    const chain = found.at(-1);
    if (member && Array.isArray(chain) && joins(chain, member)) chain.push(member);
    else found.push(member ? [member] : entry);
  }
  const uses = usesOf(entries);
  return found.flatMap((one) => {
    if (!Array.isArray(one)) return one;
    const stretches = stretchesOf(one);
    return one.length > 1 && stretches
      ? chained(one, stretches, uses, lasting)
      : one.map(({ entry }) => entry);
  });
}

/** In how many entries each block occurs. */
function usesOf(entries: readonly Entry[]): Map<Block, number> {
  const uses = new Map<Block, number>();
  for (const entry of entries)
    for (const block of new Set(blocksOf(entry))) uses.set(block, (uses.get(block) ?? 0) + 1);
  return uses;
}

/** Null for what is no element-wise kernel, or so small that it stays in the cache anyway. */
function memberOf(entry: Entry): Member | null {
  if (entry.kind !== "call") return null;
  const elements = Math.max(...blocksOf(entry).map(({ storage }) => storage.size));
  if (elements < 2 * STRETCH) return null;
  const args = entry.args.map((x) => (typeof x === "number" ? x : operandAt(x.block.pointer, x)));
  const { divided } = entry.bind(args);
  return divided?.division.elementwise ? { entry, divided, elements } : null;
}

/** Where stretches begin, in units of the coarsest division; and how many of its own units each kernel makes of one. */
interface Stretches {
  readonly starts: readonly number[];
  readonly ratios: readonly number[];
}

function stretchesOf(members: readonly Member[]): Stretches | null {
  const counts = members.map(({ divided }) => divided.division.count);
  const units = Math.min(...counts);
  const ratios = counts.map((count) => count / units);
  const elements = Math.max(...members.map((member) => member.elements));
  let step = Math.max(1, Math.round((STRETCH * units) / elements));
  // Stretches begin where parts of threads may begin.
  const fits = () => members.every(({ divided }, i) => (step * ratios[i]) % divided.division.grain === 0);
  if (!fits()) step = Math.ceil(step / 16) * 16;
  if (!fits() || !ratios.every(Number.isInteger) || units < 2 * step) return null;
  return { starts: Array.from({ length: Math.floor(units / step) }, (_, i) => i * step), ratios };
}

/** Whether a kernel can follow in the same pass: it uses a block of the chain, and stretch by stretch at the same places. */
function joins(chain: readonly Member[], next: Member): boolean {
  const all = [...chain, next];
  const stretches = stretchesOf(all);
  if (!stretches) return false;
  const [, first] = stretches.starts;
  const tracks = all.map(({ entry, divided }, i) => {
    const { division } = divided;
    const at = [0, first * stretches.ratios[i], division.count].map((start) => division.part(start, 1));
    return entry.args.flatMap((x, slot) => (typeof x === "number" ? [] : { x, track: trackOf(x, slot, at) }));
  });
  const [mine, theirs] = [tracks[chain.length], tracks.slice(0, -1).flat()];
  let shared = false;
  for (const { x, track } of mine)
    for (const other of theirs) {
      if (other.x.block !== x.block || (x.block.origin === "constant" && !x.block.changed)) continue;
      if (other.track !== track) return false;
      shared = true;
    }
  return shared;
}

/** Where in its block an operand begins for the first stretch, the second, and at the end. */
const trackOf = ({ block }: Place, slot: number, at: readonly (readonly number[])[]): string =>
  at.map((args) => args[slot] - block.pointer).join();

function chained(
  members: readonly Member[],
  { starts, ratios }: Stretches,
  uses: ReadonlyMap<Block, number>,
  lasting: ReadonlySet<Block>,
): ChainEntry {
  const inside = new Map<Block, number>();
  for (const { entry } of members)
    for (const block of new Set(blocksOf(entry))) inside.set(block, (inside.get(block) ?? 0) + 1);
  const inner = new Map<Block, number>();
  // The last stretch is the longest: it takes what is left over.
  const share =
    (members[0].divided.division.count / ratios[0] - (starts.at(-1) as number)) /
    (members[0].divided.division.count / ratios[0]);
  for (const [block, count] of inside)
    if (block.origin === "step" && count > 1 && count === uses.get(block) && !lasting.has(block))
      inner.set(block, Math.ceil((sizeOf(block) * share) / 64) * 64 + 64);
  return { kind: "chain", members: members.map(({ entry }) => entry), starts, ratios, inner };
}
