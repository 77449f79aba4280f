import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { KVCache } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const PLACES = 4;

const key = (position: number): Tensor => tensor([[[[position]]]]);

/** What a cache gives after so many positions, one by one; a value is ten times its key. */
function kept(seen: number): { readonly keys: number[]; readonly values: number[] } {
  const cache = new KVCache({ maxBatchSize: 1, maxSeqLen: PLACES, numLayers: 1, numKvHeads: 1, headDim: 1 });
  for (let position = 0; position < seen; position++) cache.update(0, key(position), key(10 * position));
  const { k, v } = cache.get(0);
  return { keys: [...k.contiguous().data], values: [...v.contiguous().data] };
}

const last = (seen: number): number[] => Array.from({ length: PLACES }, (_, i) => seen - PLACES + i);

function inOrder(seen: number): void {
  const { keys } = kept(seen);
  assert.deepEqual(
    keys,
    last(seen),
    `after ${seen} positions the keys come as ${keys}, not as ${last(seen)}`,
  );
}

export const checks: Checks = {
  "keys come with the oldest first": () => inOrder(6),
  "the order holds when the window has slid several times over": () => inOrder(11),
  "values come in the order of their keys": () => {
    for (const seen of [6, 11]) {
      const { keys, values } = kept(seen);
      assert.deepEqual(
        values,
        last(seen).map((key) => 10 * key),
        `keys ${keys} come with values ${values}`,
      );
    }
  },
};

export const probes: Probes = () =>
  [3, 6, 11].flatMap((seen) =>
    attempt(() => {
      const { keys, values } = kept(seen);
      return [...keys, ...values];
    }),
  );
