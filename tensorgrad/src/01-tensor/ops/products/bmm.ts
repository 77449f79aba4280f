import { ShapeError, show } from "../../../00-runtime/index.ts";
import { expectTensor } from "../../operands.ts";
import type { Tensor } from "../../tensor.ts";
import { matmul } from "./matmul.ts";

/** Products with stricter shapes than matmul's: they say what was meant, and refuse what was not. */

/** Batches of matrices: [B, M, K] · [B, K, N] → [B, M, N]. Nothing broadcasts. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  expectTensor("bmm", b, "b");
  if (a.rank === 3 && b.rank === 3 && a.shape[0] === b.shape[0] && a.shape[2] === b.shape[1])
    return matmul(a, b);
  throw new ShapeError(
    `bmm: ${show(a.shape)} · ${show(b.shape)} — two batches [B, M, K] and [B, K, N] of equally many matrices; use matmul for others`,
  );
}

/** Two vectors: [M], [N] → [M, N] with c[i, j] = a[i]·b[j]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  expectTensor("outer", b, "b");
  if (a.rank === 1 && b.rank === 1) return a.unsqueeze(1).mul(b);
  throw new ShapeError(`outer: ${show(a.shape)} and ${show(b.shape)} — two vectors [M] and [N]`);
}

/** Two vectors of one length: Σ a[i]·b[i]. */
export function dot(a: Tensor, b: Tensor): Tensor {
  expectTensor("dot", b, "b");
  if (a.rank === 1 && b.rank === 1 && a.size === b.size) return matmul(a, b);
  throw new ShapeError(
    `dot: ${show(a.shape)} · ${show(b.shape)} — two vectors of one length; use matmul for others`,
  );
}
