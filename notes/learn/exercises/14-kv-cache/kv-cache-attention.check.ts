import assert from "node:assert/strict";
import { cat, Random, randn, type Tensor } from "tensorgrad";
import { attentionWithCache, bandMask, KVCache, scaledDotProductAttention } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const PLACES = 4;

/** Queries, keys and values of so many positions, two heads of width 3. */
function drawn(count: number): readonly [q: Tensor, k: Tensor, v: Tensor] {
  const random = new Random(5);
  const one = () => randn([1, 2, count, 3], { random });
  return [one(), one(), one()];
}

function inPieces(pieces: readonly number[], options: { readonly scale?: number } = {}): Tensor {
  const total = pieces.reduce((sum, count) => sum + count, 0);
  const all = drawn(total);
  const cache = new KVCache({ maxBatchSize: 1, maxSeqLen: PLACES, numLayers: 1, numKvHeads: 2, headDim: 3 });
  let at = 0;
  const parts = pieces.map((count) => {
    const [q, k, v] = all.map((x) => x.narrow(2, at, count));
    at += count;
    return attentionWithCache(q, k, v, cache, 0, options);
  });
  return cat(parts, 2);
}

/** All positions at once, each under a band of as many positions as the cache has places. */
function atOnce(total: number, options: { readonly scale?: number } = {}): Tensor {
  const [q, k, v] = drawn(total);
  return scaledDotProductAttention(q, k, v, { mask: bandMask(total, total, PLACES), ...options });
}

function agree(pieces: readonly number[], options: { readonly scale?: number } = {}): void {
  const total = pieces.reduce((sum, count) => sum + count, 0);
  const [found, expected] = [inPieces(pieces, options), atOnce(total, options)];
  for (let t = 0; t < total; t++) {
    const far = found.select(2, t).sub(expected.select(2, t)).abs().max().item();
    assert.ok(
      far < 1e-5,
      `in pieces of ${pieces.join(", ")}, position ${t} gets another result than without a cache (off by ${far.toFixed(3)})`,
    );
  }
}

export const checks: Checks = {
  "several positions that fit: as without a cache": () => agree([2, 2]),
  "several positions while the window slides: as under a band": () => {
    agree([3, 3]);
    agree([2, 7, 3]);
  },
  "one position after another, the window sliding: as under a band": () => agree([2, 3, 1, 1]),
  "a scale that is given reaches the scores": () => agree([1, 2, 3], { scale: 2 }),
};

export const probes: Probes = () =>
  [
    [1, 1, 1],
    [2, 2],
    [2, 3],
    [2, 7],
  ].flatMap((pieces) =>
    attempt(() => Array.from(inPieces(pieces, { scale: 1 }).sum([0, 1, 3]).data, (y) => Math.round(1e3 * y))),
  );
