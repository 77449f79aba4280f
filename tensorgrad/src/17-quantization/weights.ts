import { fromArray, type Tensor } from "../01-tensor/index.ts";
import { quantizeInt8, requireFinite } from "./affine.ts";

/** Weights of a layer as integers: every output has a scale of its own, and zero point 0. */
export interface QuantizedWeights {
  /** int8 [out, in] */
  readonly weight: Tensor;
  /** float32 [out] */
  readonly scale: Tensor;
  /** int32 [out]: the sum of every row of the weight, by which a zero point of the input counts. */
  readonly sums: Tensor;
}

/** Longest row whose sum of products, 255·128 each, fits in 32 bits. */
const LONGEST = 65_000;

/** Quantizes a weight [out, ...] row by row. */
export function quantizedWeights(call: string, weight: Tensor): QuantizedWeights {
  const rows = weight.detach().flatten(1);
  const [out, length] = rows.shape;
  if (length > LONGEST)
    throw new RangeError(
      `${call}: ${length} inputs — sums of at most ${LONGEST} products of bytes fit in 32 bits`,
    );
  requireFinite(call, weight);
  const { q, scale } = quantizeInt8(rows, { dim: 0 });
  const values = q.elements as Int8Array;
  const sumOf = (o: number) =>
    values.subarray(o * length, (o + 1) * length).reduce((sum, value) => sum + value, 0);
  const sums = Int32Array.from({ length: out }, (_, o) => sumOf(o));
  return { weight: q, scale, sums: fromArray(sums, [out]) };
}
