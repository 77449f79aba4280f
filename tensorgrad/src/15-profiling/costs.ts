import { bytesPerElement, type Operand } from "../00-runtime/index.ts";
import { type Function, isTensor, type Tensor } from "../01-tensor/index.ts";

/** What an activity costs, whichever kernel does it. */
export interface Cost {
  /** Multiplications with their additions, in products; each is two of `flops`. */
  readonly multiplyAdds: number;
  /** Floating-point operations: two for each multiply-add, one for each element of an operation that is no product. */
  readonly flops: number;
  /** Bytes of the inputs, and of the result: what must pass through memory if nothing stays in a cache. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export const NO_COST: Cost = { multiplyAdds: 0, flops: 0, bytesRead: 0, bytesWritten: 0 };

/** Operations that move elements and compute nothing. */
const MOVING = new Set(
  (
    "Reshape Permute Expand Detach Slice SliceGrad Clone Pad Cat Cast Tril Triu Flip Gather IndexSelect UnfoldColumns " +
    "Alias Checkpoint MaxPoolGrad"
  ).split(" "),
);

export const bytesOf = ({ size, dtype }: Tensor): number => size * bytesPerElement(dtype);
const total = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + bytesOf(x), 0);

/** Of a forward pass. A view costs nothing. */
// exercise: profiling-flops
export function costOfOperation(fn: Function, inputs: readonly Tensor[], y: Tensor): Cost {
  if (inputs.some((x) => x.storage === y.storage)) return NO_COST;
  const multiplyAdds = fn.multiplyAdds(inputs, y);
  const elements = MOVING.has(fn.name) ? 0 : inputs.reduce((most, x) => Math.max(most, x.size), y.size);
  return {
    multiplyAdds,
    flops: multiplyAdds > 0 ? 2 * multiplyAdds : elements,
    bytesRead: total(inputs),
    bytesWritten: bytesOf(y),
  };
}

/** Of a rule, from the cost of its forward pass: a product for each of the two operands that wants a gradient. */
// exercise: profiling-backward-flops
export function costOfRule(fn: Function, forward: Cost): Cost {
  const wanted = fn.prev.filter((x) => x.requiresGrad);
  const products = forward.multiplyAdds > 0 ? fn.prev.slice(0, 2).filter((x) => x.requiresGrad).length : 1;
  return {
    multiplyAdds: products * forward.multiplyAdds,
    flops: products * forward.flops,
    bytesRead: forward.bytesRead + forward.bytesWritten,
    bytesWritten: total(wanted),
  };
}

/** Flops for each element, and how many of the operands are read and written. Others: one flop, the last operand is written. */
const KERNELS: Readonly<Record<string, readonly [flops: number, reads: number, writes: number]>> = {
  adam: [12, 4, 3],
  amsgrad: [13, 5, 4],
  sgdPlain: [4, 2, 1],
  sgd: [6, 3, 2],
  rmsprop: [8, 3, 2],
  adagrad: [6, 3, 2],
  addPenalty: [3, 2, 1],
  norm2: [2, 1, 0],
  scaleBy: [1, 1, 1],
  clampTo: [1, 1, 1],
  addTo: [1, 2, 1],
  copy: [0, 1, 1],
  cast: [0, 1, 1],
  fill: [0, 0, 1],
};

/** Of a kernel that runs outside of operations, such as an optimizer's. */
export function costOfKernel(name: string, args: readonly unknown[]): Cost {
  const operands = args.filter((x): x is Operand => typeof x === "object" && x !== null);
  if (name === "gemm") {
    const [m, n, k] = args.slice(3, 6) as number[];
    const multiplyAdds = m * n * k;
    return { multiplyAdds, flops: 2 * multiplyAdds, bytesRead: 4 * k * (m + n), bytesWritten: 4 * m * n };
  }
  const [first] = operands;
  const size = first && isTensor(first) ? first.size : 0;
  const [flops, reads, writes] = KERNELS[name] ?? [1, Math.max(0, operands.length - 1), 1];
  const bytes = first ? size * bytesPerElement(first.dtype) : 0;
  return { multiplyAdds: 0, flops: flops * size, bytesRead: reads * bytes, bytesWritten: writes * bytes };
}

export const sumOf = (a: Cost, b: Cost): Cost => combined(a, b, (x, y) => x + y);
/** An operation made of others costs what they do; what it says of itself counts where that is more. */
export const largerOf = (a: Cost, b: Cost): Cost => combined(a, b, Math.max);

const combined = (a: Cost, b: Cost, by: (x: number, y: number) => number): Cost => ({
  multiplyAdds: by(a.multiplyAdds, b.multiplyAdds),
  flops: by(a.flops, b.flops),
  bytesRead: by(a.bytesRead, b.bytesRead),
  bytesWritten: by(a.bytesWritten, b.bytesWritten),
});
