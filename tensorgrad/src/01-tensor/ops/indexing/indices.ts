import { show } from "../../../00-runtime/index.ts";
import { isTensor } from "../../operands.ts";
import { checking } from "../../reads.ts";
import type { Tensor } from "../../tensor.ts";

/** Throws    TypeError for anything but a tensor of int32 */
export function checkIndexType(call: string, index: Tensor): void {
  if (!isTensor(index))
    throw new TypeError(
      `${call}: an index of type ${typeof index} — indices are a tensor: tensor([0, 2], { dtype: "int32" })`,
    );
  if (index.dtype !== "int32")
    throw new TypeError(
      `${call}: an index of dtype ${index.dtype} — indices are int32; use index.to("int32")`,
    );
}

/**
 * Indices count from 0. Kernels look them up unchecked, so they are checked here, once.
 *
 * Throws    RangeError naming the first index beyond the dim, and its position
 */
export function checkIndices(call: string, index: Tensor, x: Tensor, dim: number): void {
  checking([index], (index) => checkNumbers(call, index, x, dim));
}

function checkNumbers(call: string, index: Tensor, x: Tensor, dim: number): void {
  const n = x.shape[dim] ?? 1;
  const indices = index.data;
  const wrong = firstBeyond(indices, n);
  if (wrong < 0) return;
  const range = n === 0 ? "that dim is empty" : `indices go from 0 to ${n - 1}`;
  throw new RangeError(
    `${call}: index ${indices[wrong]} at ${show(position(wrong, index.shape))} along dim ${dim} of a tensor of shape ` +
      `${show(x.shape)} — ${range}`,
  );
}

/**
 * A loop without a callback: ten times as fast, and some indices are looked at for every element of a model.
 */
function firstBeyond(index: ArrayLike<number>, n: number): number {
  for (let j = 0; j < index.length; j++) if (index[j] < 0 || index[j] >= n) return j;
  return -1;
}

function position(flat: number, shape: readonly number[]): number[] {
  return shape.map((n, d) => {
    const after = shape.slice(d + 1).reduce((size, m) => size * m, 1);
    return Math.floor(flat / after) % n;
  });
}
