import { ShapeError, show } from "../00-runtime/index.ts";
import { fromArray, isTensor, type Tensor, upright } from "../01-tensor/index.ts";
import { asHeads } from "../11-embeddings/index.ts";

/**
 * Which keys a query may see if nobody sees the future: those up to its own position. The last query stands at the last key, so
 * that with a cache of earlier keys the same rule holds.
 *
 *   mask[i, j] = j ≤ i + S − T
 *
 * Shapes    → bool [T, S]
 */
export function causalMask(queries: number, keys: number = queries): Tensor {
  return bandMask(queries, keys, Infinity);
}

/** As `causalMask`, but each query sees no more than the last `width` keys, its own included. */
// exercise: mask-find-leak
export function bandMask(queries: number, keys: number, width: number): Tensor {
  for (const n of [queries, keys])
    if (!Number.isInteger(n) || n < 0)
      throw new RangeError(`causalMask: ${queries} queries, ${keys} keys — counts are whole numbers ≥ 0`);
  const seen = new Uint8Array(queries * keys);
  for (let i = 0; i < queries; i++) {
    const own = i + keys - queries;
    for (let j = Math.max(0, own - width + 1); j <= own; j++) seen[i * keys + j] = 1;
  }
  return fromArray(seen, [queries, keys], { dtype: "bool" });
}

/**
 * Hides the keys that only fill up: for ids of sequences of unequal length, padded to one.
 *
 * Shapes    ids int32 [N, S] → bool [N, 1, 1, S], true where a token is
 */
export function paddingMask(ids: Tensor, paddingIdx: number): Tensor {
  if (!isTensor(ids) || ids.rank !== 2)
    throw new ShapeError(
      `paddingMask: ids ${isTensor(ids) ? show(ids.shape) : typeof ids} — sequences of one length, [N, S]`,
    );
  return ids.ne(paddingIdx).reshape([ids.shape[0], 1, 1, ids.shape[1]]);
}

/**
 * A mask for the kernel, without a gradient: numbers to add, seen as [N, H, T, S] through strides. What it says once for many
 * queries or heads is stored once; bool becomes 0 and −∞.
 */
export function addedMask(mask: Tensor | null, q: Tensor, keys: number): Tensor | null {
  if (mask === null) return null;
  const added =
    mask.dtype === "bool"
      ? mask.where(q.newFrom([0], []), q.newFrom([-Infinity], []))
      : upright(mask.detach());
  const packed = added.strides.at(-1) === 1 || added.shape.at(-1) === 1 ? added : added.contiguous();
  const shape = [...q.shape.slice(0, -1), keys];
  if (shape.length === 4) return packed.expand(shape);
  return packed.expand(shape).reshape(asHeads(q).shape.with(3, keys));
}
