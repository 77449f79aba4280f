import type { Tensor } from "../01-tensor/index.ts";

// Views that no graph records: what the loops over steps are made of.

/** x[t] */
export const at = (x: Tensor, t: number): Tensor =>
  x.newView(x.shape.slice(1), x.strides.slice(1), x.offset + t * x.strides[0]);

/** The first `length` along dim 0. */
export const first = (x: Tensor, length: number): Tensor =>
  x.newView([length, ...x.shape.slice(1)], x.strides, x.offset);

/** All steps of all sequences as rows: [T, B, n] → [T·B, n]. */
export const rows = (x: Tensor): Tensor => x.reshape(x.shape[0] * x.shape[1], x.shape[2]);

export const transposed = (x: Tensor): Tensor =>
  x.newView([x.shape[1], x.shape[0]], [x.strides[1], x.strides[0]], x.offset);
