import { cat, noGrad, type Random, randint, randn, scope, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import { inMethod } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { definition } from "./builders.ts";
import type { Definition } from "./case.ts";

/** Rounding of float32, in another order of sums. */
const ROUNDING = 1e-5;
const [WINDOW, HEADS, WIDTH] = [5, 2, 4];

/** Pieces of 1 to 4 positions that together pass the window. */
function pieces(random: Random): number[] {
  const list: number[] = [];
  for (let total = 0; total < 2 * WINDOW; total += list[list.length - 1]) list.push(1 + random.integer(4));
  return list;
}

/** Attention piece by piece, against all at once under a band of as many positions. */
const banded: Reference = (random) => {
  using _ = scope();
  const counts = pieces(random);
  const T = counts.reduce((sum, n) => sum + n, 0);
  const [q, k, v] = [0, 1, 2].map(() => randn([1, HEADS, T, WIDTH], { random }));
  const sizes = { maxBatchSize: 1, maxSeqLen: WINDOW, numLayers: 1, numKvHeads: HEADS, headDim: WIDTH };
  const cache = new nn.KVCache(sizes);
  let at = 0;
  const found = counts.map((n) => {
    const part = (x: Tensor) => x.narrow(2, at, n);
    const y = nn.attentionWithCache(part(q), part(k), part(v), cache, 0);
    at += n;
    return y;
  });
  const mask = nn.bandMask(T, T, WINDOW);
  const expected = nn.scaledDotProductAttention(q, k, v, { mask });
  return differs("attention with a cache", cat(found, 2), expected.data, ROUNDING);
};

/** Scores of a model that reads one token at a time, against those of one pass. */
const remembered: Reference = (random) => {
  using _ = scope();
  using __ = noGrad();
  const sizes = { vocabSize: 7, embedDim: 8, numLayers: 2, numHeads: 2, maxSeqLen: 6 };
  const positions = random.uniform() < 0.5 ? "rotary" : "learned";
  const model = new nn.GPT({ ...sizes, positions, random });
  for (const p of model.parameters()) p.assign(randn(p.shape, { random }));
  const ids = randint(0, 7, [2, 6], { random });
  const cache = nn.KVCache.for(model, { maxBatchSize: 2 });
  const found = [0, 1, 2, 3, 4, 5].map((t) => model.next(ids.narrow(1, t, 1), cache).unsqueeze(1));
  return differs("a score with a cache", cat(found, 1), model.forward(ids).data, 10 * ROUNDING);
};

const { prototype } = nn.KVCache;

export const title = "A cache of keys and values";

export const rows: readonly Definition[] = [
  definition("attentionWithCache", banded, [
    inMethod(
      "keys and values exchanged",
      prototype,
      "update",
      (original) =>
        function (this: nn.KVCache, layer: number, k: Tensor, v: Tensor) {
          original.call(this, layer, v, k);
        },
      "reference",
    ),
    inMethod(
      "values of other positions",
      prototype,
      "unordered",
      (original) =>
        function (this: nn.KVCache, layer: number) {
          const { k, v } = original.call(this, layer);
          return { k, v: v.flip(2) };
        },
      "reference",
    ),
    inMethod(
      "keys in the order of another time",
      prototype,
      "get",
      (original) =>
        function (this: nn.KVCache, layer: number) {
          const { k, v } = original.call(this, layer);
          return { k: k.flip(2), v };
        },
      "reference",
    ),
  ]),
  definition("KVCache", remembered, [
    inMethod(
      "written at the wrong position, over the one before",
      prototype,
      "update",
      (original) =>
        function (this: nn.KVCache, layer: number, k: Tensor, v: Tensor) {
          if (this.seen(layer) > 0) this.rewind(this.seen(layer) - 1);
          original.call(this, layer, k, v);
          original.call(this, layer, k, v);
        },
      "reference",
    ),
    inMethod(
      "keys of upper layers halved",
      prototype,
      "update",
      (original) =>
        function (this: nn.KVCache, layer: number, k: Tensor, v: Tensor) {
          original.call(this, layer, k.mul(layer === 0 ? 1 : 0.5), v);
        },
      "reference",
    ),
  ]),
];
