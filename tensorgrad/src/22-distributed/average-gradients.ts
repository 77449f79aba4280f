import type { Tensor } from "../01-tensor/index.ts";
import type { Group } from "./group.ts";

type Bucket = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * Puts the mean over all ranks in place of every gradient.
 *
 *   g ← (1/R)·Σᵣ gᵣ
 *
 * All gradients of a dtype travel in one message, for each message has a price of its own. A rank on which a parameter
 * took no part counts 0 for it; one that took part nowhere stays without a gradient.
 *
 * Cost  2·(R − 1)/R times the bytes of the gradients over the network, and two copies
 */
export class GradientAverage {
  readonly #group: Group;
  readonly #buckets: Partial<Record<string, Bucket>> = {};

  constructor(group: Group) {
    this.#group = group;
  }

  run(parameters: readonly Tensor[]): void {
    if (this.#group.size === 1) return;
    for (const dtype of ["float32", "float64"] as const) {
      const ofType = parameters.filter((p) => p.dtype === dtype);
      if (ofType.length > 0) this.#average(ofType, dtype);
    }
  }

  /** The bucket: all gradients, then for each parameter whether it has one. */
  #average(parameters: readonly Tensor[], dtype: "float32" | "float64"): void {
    const total = parameters.reduce((sum, { size }) => sum + size, 0);
    const bucket = this.#bucket(dtype, total + parameters.length);
    let at = 0;
    for (const [i, { grad, size }] of parameters.entries()) {
      if (grad) bucket.set(grad.data as Float32Array, at);
      else bucket.fill(0, at, at + size);
      bucket[total + i] = grad ? 1 : 0;
      at += size;
    }
    this.#group.sumInPlace(bucket);
    for (let i = 0; i < total; i++) bucket[i] /= this.#group.size;
    at = 0;
    for (const [i, p] of parameters.entries()) {
      const mean = bucket.subarray(at, at + p.size);
      at += p.size;
      if (p.grad) p.grad.assign(mean);
      else if (bucket[total + i] > 0) p.grad = p.newFrom(mean, p.shape);
    }
  }

  #bucket(dtype: "float32" | "float64", length: number): Bucket {
    const before = this.#buckets[dtype];
    if (before?.length === length) return before;
    const bucket = dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
    this.#buckets[dtype] = bucket;
    return bucket;
  }
}
