import { arena, inOrder, runDivided, threads, together } from "../../00-runtime/index.ts";
import type { Memory } from "./memory.ts";
import { LANES } from "./plan.ts";
import type { CallEntry, ChainEntry, Entry, Place, RunEntry } from "./recording.ts";

/** Nanoseconds on one thread from which a chain is worth dividing. */
const WORTHWHILE = 40_000;

/** Makes functions of what was written down: with addresses, and all that can be decided beforehand decided. */
export const bound = (entries: readonly Entry[], memory: Memory): (() => void)[] =>
  entries.map((entry) => {
    if (entry.kind === "call") return boundCall(entry, memory);
    if ("operands" in entry) return entry.kind === "repeated" ? again(entry, memory) : looked(entry, memory);
    if (entry.kind === "chain") return boundChain(entry, memory);
    const calls = bound(entry.entries, memory);
    const all = () => {
      for (const call of calls) call();
    };
    return entry.kind === "together" ? () => together(entry.name, all) : () => inOrder(all);
  });

const boundCall = ({ args, bind }: CallEntry, memory: Memory): (() => void) =>
  bind(args.map((x) => (typeof x === "number" ? x : memory.operand(x)))).run;

type Numbers = readonly [kernel: (...args: number[]) => void, args: readonly number[]];

/** Stretch by stretch through all members; with several threads, some stretches each. */
function boundChain({ members, starts, ratios, inner }: ChainEntry, memory: Memory): () => void {
  const parts = members.map(
    ({ args, bind }) => bind(args.map((x) => (typeof x === "number" ? x : memory.operand(x)))).divided,
  );
  const nanoseconds = parts.reduce(
    (sum, part) => sum + (part ? part.division.count * part.division.cost : 0),
    0,
  );
  const several = threads().wanted > 1 && nanoseconds >= WORTHWHILE;
  const lanes: Numbers[][] = Array.from({ length: several ? Math.min(LANES, starts.length) : 1 }, () => []);
  for (const [i, start] of starts.entries()) {
    const lane = Math.floor((i * lanes.length) / starts.length);
    for (const [m, { args }] of members.entries()) {
      const { kernel, division } = parts[m] as NonNullable<(typeof parts)[number]>;
      const end = i + 1 < starts.length ? starts[i + 1] * ratios[m] : division.count;
      const numbers = division.part(start * ratios[m], end - start * ratios[m]);
      for (const [slot, x] of args.entries()) {
        const bytes = typeof x === "number" ? undefined : inner.get(x.block);
        if (bytes !== undefined) numbers[slot] = memory.pointerOf((x as Place).block) + lane * bytes;
      }
      lanes[lane].push([kernel, numbers]);
    }
  }
  const all = () => {
    for (const lane of lanes) inOrder(() => made(lane));
  };
  return several ? () => together("chain", all) : () => called(lanes[0]);
}

function called(calls: readonly Numbers[]): void {
  for (const [kernel, numbers] of calls) kernel(...numbers);
}

/** The same where calls may be gathered first. */
function made(calls: readonly Numbers[]): void {
  for (const [kernel, numbers] of calls) runDivided("chain", kernel, numbers, null);
}

function again({ operands, run }: RunEntry, memory: Memory): () => void {
  const tensors = operands.map((x) => memory.standIn(x));
  return () => {
    using _made = arena(); // some optimizers compute with tensors
    run(...tensors);
  };
}

/** Whether a look at numbers has the result that it had when the step was recorded; throws as it did then. */
export function look({ operands, run, result }: RunEntry, memory: Memory): () => boolean {
  const tensors = operands.map((x) => memory.standIn(x));
  return () => Object.is(run(...tensors), result);
}

function looked(entry: RunEntry, memory: Memory): () => void {
  const same = look(entry, memory);
  return () => {
    if (same()) return;
    throw new TypeError(
      "capture: the step takes another way than it did when it was recorded, because of numbers that it computes — what such a choice " +
        "depends on must be an argument; compute it before the step",
    );
  };
}
