import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { KVCache } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** A key is its position, a value ten times as much. */
const positions = (from: number, count: number, times = 1): Tensor =>
  tensor([[Array.from({ length: count }, (_, i) => [times * (from + i)])]]);

/** A cache of four places, after pieces of so many positions. */
function after(...pieces: number[]): KVCache {
  const cache = new KVCache({ maxBatchSize: 1, maxSeqLen: 4, numLayers: 1, numKvHeads: 1, headDim: 1 });
  let at = 0;
  for (const count of pieces) {
    cache.update(0, positions(at, count), positions(at, count, 10));
    at += count;
  }
  return cache;
}

/** In the order of the places. */
const keysIn = (cache: KVCache): number[] => [...cache.unordered(0).k.contiguous().data];
const valuesIn = (cache: KVCache): number[] => [...cache.unordered(0).v.contiguous().data];

const stands = (cache: KVCache, expected: readonly number[], after: string) =>
  assert.deepEqual(
    keysIn(cache),
    expected,
    `after ${after} positions the places hold ${keysIn(cache)}, not ${expected}`,
  );

export const checks: Checks = {
  "a piece goes behind the pieces before it": () => stands(after(1, 2), [0, 1, 2], "1 and 2"),
  "the newest position takes the place of the oldest": () => {
    stands(after(3, 2), [4, 1, 2, 3], "3 and 2");
    stands(after(2, 3, 3), [4, 5, 6, 7], "2, 3 and 3");
  },
  "of more positions than places, the last ones stay": () => stands(after(1, 6), [4, 5, 6, 3], "1 and 6"),
  "the length counts every position": () =>
    assert.equal(after(3, 3, 1).length, 7, "3, 3 and 1 positions were seen"),
  "values stand where their keys stand": () =>
    assert.deepEqual(valuesIn(after(3, 2)), [40, 10, 20, 30], "a value is not ten times its key"),
};

export const probes: Probes = () =>
  [
    [1, 2],
    [3, 2],
    [2, 3, 3],
    [1, 6],
  ].flatMap((pieces) =>
    attempt(() => {
      const cache = after(...pieces);
      return [cache.length, ...keysIn(cache), ...valuesIn(cache)];
    }),
  );
