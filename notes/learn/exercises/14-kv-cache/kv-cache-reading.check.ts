import { Random, type Tensor } from "tensorgrad";
import { GPT, KVCache } from "tensorgrad/nn";
import { asked } from "../compare.ts";

/** Counts the positions that it computes. */
class Counting extends GPT {
  positionsComputed = 0;
  override next(ids: Tensor, cache?: KVCache): Tensor {
    this.positionsComputed += ids.size;
    return super.next(ids, cache);
  }
}

/** Positions computed for so many new tokens after a prompt of 6. */
function computed(maxLength: number, withCache: boolean): number {
  const random = new Random(1);
  const model = new Counting({ vocabSize: 4, embedDim: 4, numLayers: 1, numHeads: 1, maxSeqLen: 16, random });
  const cache = KVCache.for(model);
  model.generate([0, 1, 2, 3, 0, 1], { maxLength, random, ...(withCache && { cache }) });
  return model.positionsComputed;
}

export const { checks, solution } = asked({
  cached: ["positions with a cache", () => computed(5, true)],
  plain: ["positions without a cache", () => computed(5, false)],
  firstToken: ["positions before the first new token", () => computed(1, true)],
});
