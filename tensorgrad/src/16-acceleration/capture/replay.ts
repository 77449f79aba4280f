import { DisposedError, give, type Storage, type TypedArray } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { bound, look } from "./bind.ts";
import { fused } from "./fuse.ts";
import { Memory, onStorage } from "./memory.ts";
import { blocksOf, plan } from "./plan.ts";
import type { Leaf, Recorded } from "./record.ts";
import type { Block, Entry, RunEntry } from "./recording.ts";
import { withTensors } from "./values.ts";

/** What a replay gives instead of a result where the step goes another way this time; nothing has been computed then. */
export const ANOTHER_WAY: unique symbol = Symbol("another way");

/** What a replay calls, and the memory that it takes. */
export interface ReplayReport {
  /** Kernels that a replay calls for the whole of their work. */
  readonly kernels: number;
  /** The same, a chain of element-wise ones counted once; beside them, what JavaScript still does. */
  readonly passes: number;
  /** What it takes on the heap, beside parameters and states. */
  readonly bytes: number;
}

/** A step that no longer needs its JavaScript: calls of kernels with their numbers, over memory of its own. */
export class Replay {
  readonly report: ReplayReport;
  /** Stays as long as the replay, which knows addresses in it. */
  readonly memory: Memory;
  readonly #inputs: readonly Input[];
  readonly #constants: readonly { readonly view: TypedArray; readonly values: TypedArray }[];
  readonly #looks: readonly (() => boolean)[];
  readonly #calls: readonly (() => void)[];
  readonly #ends: readonly (() => void)[];
  readonly #result: (given: readonly Tensor[]) => unknown;

  constructor(recorded: Recorded, fuse: boolean) {
    const { recording, inputs, leaves } = recorded;
    const blocks = [...recording.blocks.values()];
    const first = (entry: Entry): entry is RunEntry =>
      entry.kind === "decided" &&
      blocksOf(entry).every(({ origin }) => origin === "input" || origin === "outside");
    const kept = new Set(lasting(recorded, blocks));
    const later = recording.entries.filter((entry) => !first(entry));
    const entries = fuse ? fused(later, kept) : later;
    const layout = plan(entries, kept);
    const memory = new Memory(layout);
    this.memory = memory;
    this.report = { kernels: kernelsIn(entries), passes: entries.length, bytes: layout.bytes };
    this.#inputs = inputs.map(({ block }) => new Input(memory, block));
    this.#constants = constants(blocks, memory);
    this.#looks = recording.entries.filter(first).map((entry) => look(entry, memory));
    this.#calls = bound(entries, memory);
    this.#ends = [...leaves.flatMap((leaf) => ended(leaf, memory)), ...changed(blocks)];
    this.#result = resultOf(recorded, memory);
  }

  /** Makes the step with these inputs. Looks at arguments come first: nothing is changed where one throws. */
  run(given: readonly Tensor[]): unknown {
    for (let i = 0; i < given.length; i++) this.#inputs[i].take(given[i]);
    for (const same of this.#looks) if (!same()) return ANOTHER_WAY;
    for (const { view, values } of this.#constants) view.set(values);
    for (const call of this.#calls) call();
    for (const end of this.#ends) end();
    return this.#result(given);
  }
}

/** The buffer of one argument. */
class Input {
  readonly #view: TypedArray;
  readonly #pointer: number;

  constructor(memory: Memory, block: Block) {
    this.#view = memory.viewOf(block);
    this.#pointer = memory.pointerOf(block);
  }

  take(x: Tensor): void {
    if (x.pointer === this.#pointer) return;
    this.#view.set(x.storage.view.subarray(x.offset, x.offset + this.#view.length));
  }
}

/** Blocks that are needed before the first call, or after the last one. */
function* lasting(
  { inputs, outputs, leaves, recording }: Recorded,
  blocks: readonly Block[],
): Iterable<Block> {
  for (const { block } of inputs) yield block;
  for (const block of blocks) if (block.origin === "constant") yield block;
  for (const { ends } of leaves)
    if (ends !== null && ends !== "same" && ends.block.origin !== "outside") yield ends.block;
  for (const { storage } of outputs.tensors) {
    const block = recording.blockOf(storage);
    if (block.origin !== "outside") yield block;
  }
}

/** Writes constants; those that a kernel changes must be written again in every replay. */
function constants(blocks: readonly Block[], memory: Memory) {
  const all = blocks.flatMap((block) =>
    block.values ? [{ block, view: memory.viewOf(block), values: block.values }] : [],
  );
  for (const { view, values } of all) view.set(values);
  return all.filter(({ block }) => block.changed);
}

function kernelsIn(entries: readonly Entry[]): number {
  let count = 0;
  for (const entry of entries)
    if ("entries" in entry) count += kernelsIn(entry.entries);
    else if (entry.kind === "chain") count += entry.members.length;
    else if (entry.kind === "call") count++;
  return count;
}

/** Leaves the gradient of a leaf as the step does. */
function ended({ tensor: leaf, ends }: Leaf, memory: Memory): (() => void)[] {
  if (ends === "same") return [];
  if (ends === null) return [() => leaf.grad && leaf.zeroGrad()];
  let current: Tensor | null = null;
  const end = () => {
    if (current !== null && leaf.grad === current && !current.storage.freed) {
      current.storage.version++;
      return;
    }
    if (leaf.grad !== current) leaf.zeroGrad();
    if (current) overwritten(current, "gradient");
    current = onStorage(ends.tensor, memory.part(ends.block));
    give(current.storage, leaf.storage.owner ?? null);
    leaf.grad = current;
  };
  return [end];
}

/** Graphs that were recorded before must not use what the step has changed in place. */
function changed(blocks: readonly Block[]): (() => void)[] {
  const storages = blocks.flatMap(({ origin, storage, version }) =>
    origin === "outside" && storage.version !== version ? storage : [],
  );
  if (storages.length === 0) return [];
  return [
    () => {
      for (const storage of storages) storage.version++;
    },
  ];
}

/** What the step returns: its own tensors over the replay's memory, new objects for every call. */
function resultOf(
  { outputs, returned, inputs, recording }: Recorded,
  memory: Memory,
): (given: readonly Tensor[]) => unknown {
  const latest = outputs.tensors.map((): Tensor | null => null);
  const buffers = inputs.map(({ tensor }) => tensor);
  const fresh = (given: readonly Tensor[], x: Tensor, i: number): Tensor => {
    const input = buffers.indexOf(x);
    if (input >= 0) return given[input];
    const block = recording.blockOf(x.storage);
    if (block.origin === "outside") return x;
    const before = latest[i];
    if (before) overwritten(before, "result");
    const now = onStorage(x, memory.part(block));
    latest[i] = now;
    return now;
  };
  const [only] = outputs.tensors;
  if (outputs.form === "T0") return (given) => fresh(given, only, 0);
  return (given) => {
    const now = outputs.tensors.map((x, i) => fresh(given, x, i));
    return withTensors(returned, (x) => now[outputs.tensors.indexOf(x)]);
  };
}

const overwritten = ({ storage }: { readonly storage: Storage }, what: "gradient" | "result"): void =>
  void storage.refuse(
    () =>
      new DisposedError(
        `capture: a ${what} of an earlier call of the step — every call writes to the same memory; read it, or clone() it, before the ` +
          "step is called again",
      ),
  );
