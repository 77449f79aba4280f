import { GPT, KVCache } from "tensorgrad/nn";
import { asked } from "../compare.ts";

function bytes(numKvHeads: number, maxBatchSize = 1): number {
  const model = new GPT({
    vocabSize: 4,
    ...{ embedDim: 32, numLayers: 3, numHeads: 4, numKvHeads, maxSeqLen: 64, mlpRatio: 0.25 },
  });
  return KVCache.for(model, { maxBatchSize }).bytes;
}

export const { checks, solution } = asked({
  heads4: ["a cache with 4 key heads", () => bytes(4)],
  heads2: ["a cache with 2 key heads", () => bytes(2)],
  heads1: ["a cache with 1 key head", () => bytes(1)],
  batch8: ["a cache with 1 key head, for a batch of 8", () => bytes(1, 8)],
});
