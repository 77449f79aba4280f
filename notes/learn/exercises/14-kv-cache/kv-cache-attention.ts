import type { CodeExercise } from "../../exercise.ts";

const ways = (several: string, sliding: string, factor = "factor") => `
  const { scale } = checked("attentionWithCache", options, ["scale"]);
  const factor = scale === undefined ? {} : { scale };
  const count = k.shape[2];
  const before = cache.seen(layer);
  if (count === 1) {
    cache.update(layer, k, v);
    const all = cache.unordered(layer);
    return scaledDotProductAttention(q, all.k, all.v, ${factor});
  }
  if (before + count <= cache.maxSeqLen) {
    cache.update(layer, k, v);
    const all = cache.get(layer);
    return scaledDotProductAttention(q, all.k, all.v, { ${several} });
  }
${sliding}`;

const joined = (looking: string) => `
  const old = before === 0 ? null : cache.get(layer);
  const keys = old ? cat([old.k, k], 2) : k;
  const values = old ? cat([old.v, v], 2) : v;
  const mask = bandMask(count, keys.shape[2], cache.maxSeqLen);
  const y = scaledDotProductAttention(q, keys, values, { ${looking} });
  cache.update(layer, k, v);
  return y;`;

const BAND = joined("mask, ...factor");

export const kvCacheAttention: CodeExercise = {
  id: "kv-cache-attention",
  kind: "write",
  title: "Attention of new positions to all that came before",
  points: 30,
  part: "implementation",
  note: "14-kv-cache#the-code-in-reading-order",
  source: "tensorgrad/src/14-kv-cache/attention-with-cache.ts",
  task: `
\`q\`, \`k\` and \`v\` belong to new positions. Their queries look at all keys that the layer keeps, and at the new ones up to themselves.
The new keys and values are kept, too. No query sees more than \`cache.maxSeqLen\` positions.

Three cases: one position; several that fit into the cache; several that do not. In the third case, positions leave the cache that the
first new queries still see. \`cache.seen(layer)\` counts earlier positions; \`cache.update\` adds; \`cache.get\` gives all, the oldest first.
\`scaledDotProductAttention(q, k, v, { causal, mask, scale })\` attends, with \`causal\` aligned at the end of the keys.
\`bandMask(T, S, width)\` lets each of T queries see \`width\` of S keys. Pass \`options.scale\` on where it is given.`,
  hints: [
    "A cache of four places is full, and three positions come. Which old keys does the first of them still see?",
    "One query at the end may see everything, so it needs no mask and no order. Several need causality. If the window slides among them, look before you update.",
    "Sliding: keys = old ++ new, [B, heads, before′ + T, D]; mask = bandMask(T, S, maxSeqLen); attend; then update.",
    "T = 1: update, attend to unordered. Fits: update, attend to get with causal. Else: take the old ones, join the new ones, attend under a band, update last.",
  ],
  mistakes: [
    {
      name: "the old keys leave before they are read",
      wrong: ways(
        "causal: true, ...factor",
        `
  cache.update(layer, k, v);
  const all = cache.get(layer);
  const mask = bandMask(count, all.k.shape[2], cache.maxSeqLen);
  return scaledDotProductAttention(q, all.k, all.v, { mask, ...factor });`,
      ),
      says: "The update has thrown out keys that the first new queries still see. Read before you write.",
    },
    {
      name: "new positions see the ones after them",
      wrong: ways("...factor", BAND),
      says: "Several new positions at once are in the same place as in training: each must not see those after it.",
    },
    {
      name: "queries see more than the window",
      wrong: ways("causal: true, ...factor", joined("causal: true, ...factor")),
      says: "Causality bounds a query on one side only. Its window ends on the other side, maxSeqLen positions back.",
    },
    {
      name: "the scale is not passed on",
      wrong: ways("causal: true", joined("mask"), "{}"),
      says: "Scores are scaled by 1/√headDim, whatever options.scale says. A model with QK-norm sets a scale of its own.",
    },
  ],
};
