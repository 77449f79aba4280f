import { expectArgument, isList } from "../00-runtime/index.ts";
import { fromArray, isTensor, type Shape, type Tensor } from "../01-tensor/index.ts";

/** A tensor without its zeros: one bit says whether an element is one, and the others stand in a row. */
export interface SparseTensor {
  readonly shape: Shape;
  /** Bit i of byte ⌊i/8⌋ belongs to element i. */
  readonly bitmap: Uint8Array;
  readonly values: Float32Array | Float64Array;
}

/** Bytes of a float32 tensor of `size` elements, of which `nonzeros` are kept: 4 for each and a bit for every element. */
export const sparseBytes = (size: number, nonzeros: number): number => 4 * nonzeros + Math.ceil(size / 8);

/**
 * Leaves out the zeros. A bit for each element costs 1/32 of a float32: it pays from 3 % zeros on, and down to 3 % of
 * nonzeros it is shorter than positions of 32 bits.
 */
// exercise: sparse-bits
export function toSparse(t: Tensor): SparseTensor {
  expectArgument(isTensor(t), "toSparse", "t", t, "a tensor");
  const { data, shape } = t.contiguous();
  const bitmap = new Uint8Array(Math.ceil(t.size / 8));
  const kept: number[] = [];
  for (let i = 0; i < t.size; i++) {
    if (data[i] === 0) continue;
    bitmap[i >> 3] |= 1 << (i & 7);
    kept.push(data[i]);
  }
  return { shape, bitmap, values: t.dtype === "float64" ? Float64Array.from(kept) : Float32Array.from(kept) };
}

/** What `toSparse` was given, but that −0 has become 0. */
export function fromSparse(sparse: SparseTensor): Tensor {
  const fits = isList(sparse?.shape) && isList(sparse.bitmap) && isList(sparse.values);
  expectArgument(fits, "fromSparse", "sparse", sparse, "what toSparse made: { shape, bitmap, values }");
  const { shape, bitmap, values } = sparse;
  const size = shape.reduce((product, n) => product * n, 1);
  const data = values instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  let next = 0;
  for (let i = 0; i < size; i++) if ((bitmap[i >> 3] >> (i & 7)) & 1) data[i] = values[next++];
  return fromArray(data, shape);
}
