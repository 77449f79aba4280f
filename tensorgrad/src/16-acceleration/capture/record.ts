import { arena, finished, listen, listenToKernels, observer, Storage } from "../../00-runtime/index.ts";
import { Layout, Tensor } from "../../01-tensor/index.ts";
import { isWatchingCalls, watchCalls } from "../../03-layers/index.ts";
import { isReleased } from "../../05-autograd/index.ts";
import type { Optimizer } from "../../06-optimizers/index.ts";
import { type Block, type Operand, Recording, shown } from "./recording.ts";
import { type Flat, flat, withTensors } from "./values.ts";

export type Step<Args extends unknown[], Result> = (...args: Args) => Result;

/** A tensor whose gradient the step may change. */
export interface Leaf {
  readonly tensor: Tensor;
  /** Whether it had a gradient before. */
  readonly begins: boolean;
  /** The block of that gradient if the step uses it. */
  readonly block: Block | null;
  /** What becomes of it: nothing, no gradient, or another one. */
  readonly ends: "same" | null | Operand;
}

/** A step that was run and written down. */
export interface Recorded {
  readonly recording: Recording;
  readonly inputs: readonly Operand[];
  readonly outputs: Flat;
  /** What the step returned, in its lists and objects. */
  readonly returned: unknown;
  readonly leaves: readonly Leaf[];
  /** Why it cannot be replayed yet: something came about for the first time, and will be there the next time. */
  readonly unsettled: string | null;
}

/** What earlier recordings found: where to look before the step begins. */
export interface Known {
  readonly leaves: ReadonlySet<Tensor>;
  readonly optimizers: Iterable<Optimizer<{ lr: number }>>;
}

/** The extent of a strided tensor, in elements. */
export const extent = ({ size, shape, strides }: Tensor): number =>
  size === 0 ? 0 : 1 + shape.reduce((sum, n, dim) => sum + (n - 1) * strides[dim], 0);

/** Runs the step on copies of its arguments, and writes down what it does. */
export function record(step: Step<unknown[], unknown>, args: unknown[], known: Known): Recorded {
  const given = flat(args).tensors;
  const buffers = given.map(copyOf);
  const bufferOf = (x: Tensor) => buffers[given.indexOf(x)];
  const recording = new Recording(
    observer,
    buffers.map(({ storage }) => storage),
  );
  const before = new Map([...known.leaves].map((leaf) => [leaf, leaf.grad]));
  for (const optimizer of known.optimizers) recording.noteSettings(optimizer);
  const made = arena();
  let returned: unknown;
  try {
    returned = listening(recording, () => step(...(withTensors(args, bufferOf) as unknown[])));
    finished("capture", returned);
    for (const x of flat(returned).tensors) {
      requireFinished(x);
      if (!buffers.includes(x)) made.keep(x);
    }
    for (const block of recording.blocks.values()) if (block.values) block.changed = differs(block);
  } finally {
    made.dispose();
  }
  for (const optimizer of recording.optimizers.keys()) recording.noteSettings(optimizer);
  const leaves = leavesOf(recording, before);
  const outputs = flat(returned);
  return {
    recording,
    inputs: buffers.map((x) => operand(recording, x)),
    outputs,
    returned,
    leaves,
    unsettled: leaves.some(({ tensor }) => !known.leaves.has(tensor))
      ? "parameters were met for the first time"
      : leftBehind(recording, outputs.tensors, leaves),
  };
}

const operand = (recording: Recording, tensor: Tensor): Operand => ({
  tensor,
  block: recording.blockOf(tensor.storage),
});

/** What became of the gradients; leaves that the step itself made are gone. */
function leavesOf(recording: Recording, before: ReadonlyMap<Tensor, Tensor | null>): Leaf[] {
  const lasting = [...recording.leaves].filter(
    ({ storage }) => recording.blocks.get(storage)?.origin !== "step",
  );
  return lasting.map((tensor) => {
    const [old, grad] = [before.get(tensor) ?? null, tensor.grad];
    const block = (old && recording.blocks.get(old.storage)) ?? null;
    const ends = grad && (grad === old ? "same" : operand(recording, grad));
    return { tensor, begins: old !== null, block, ends };
  });
}

function listening(recording: Recording, run: () => unknown): unknown {
  const outer = listen(recording);
  listenToKernels(recording);
  using _calls = isWatchingCalls() ? null : watchCalls();
  try {
    return run();
  } finally {
    listenToKernels(null);
    listen(outer);
  }
}

/** A copy that lies in memory as the tensor does, so that kernels go the same ways. */
function copyOf(x: Tensor): Tensor {
  const n = extent(x);
  const storage = new Storage(x.dtype, n, x.shape);
  storage.view.set(x.storage.view.subarray(x.offset, x.offset + n));
  return new Tensor(new Layout(storage, x.shape, x.strides, 0));
}

const differs = ({ storage, values }: Block): boolean =>
  !storage.freed &&
  values !== null &&
  values.some((value: number, i: number) => !Object.is(value, storage.view[i]));

/** In a replay there is no graph behind a result. */
function requireFinished(x: Tensor): void {
  if (!x.requiresGrad || x.isLeaf || isReleased(x)) return;
  throw new TypeError(
    `capture: the step returns ${shown(x)} with its graph, and a replay makes none — call backward inside of the step, or compute it ` +
      "in noGrad(() => …), or return x.detach()",
  );
}

/** Tensors that the step made and somebody holds on to: a cache that now is filled, or JavaScript that carries a state along. */
function leftBehind(
  recording: Recording,
  outputs: readonly Tensor[],
  leaves: readonly Leaf[],
): string | null {
  const expected = new Set<Block["storage"]>(outputs.map(({ storage }) => storage));
  for (const { tensor } of leaves) if (tensor.grad) expected.add(tensor.grad.storage);
  for (const { storage, origin } of recording.blocks.values()) {
    if (origin === "outside" || origin === "input" || storage.freed || expected.has(storage)) continue;
    return `a ${storage.dtype} tensor of ${storage.size} elements that it makes outlives it`;
  }
  return null;
}
