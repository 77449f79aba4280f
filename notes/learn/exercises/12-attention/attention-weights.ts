import type { Exercise } from "../../exercise.ts";

const scores = `const scores = perGroup(q, k.shape, (q) => q.mul(scale).matmul(grouped(k, q).transpose(-2, -1)));`;
const sizes = `const [queries, keys] = scores.shape.slice(-2);`;
const visible = `const visible = causal ? causalMask(queries, keys).where(scores, -Infinity) : scores;`;
const masked = `const masked = mask.dtype === "bool" ? mask.where(visible, -Infinity) : visible.add(mask);`;
const blind = `const blind = masked.detach().amax(-1, { keepDim: true }).eq(-Infinity);`;

export const attentionWeights: Exercise = {
  id: "attention-weights",
  title: "Attention: how much of each key",
  points: 25,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/12-attention/composed.ts",
  note: "12-attention#the-rule",
  task:
    "Write softmax(scale·q·kᵀ + mask): [..., T, S]. With `causal` hide later keys: `causalMask(T, S)` is true where a key may be seen. " +
    "A mask of dtype bool hides where it is false, any other is added. A query that may see nothing gets weights of 0, not NaN. " +
    "`perGroup(q, k.shape, f)` runs f on the heads that share a key head; inside, `grouped(k, q)` is the fitting k.",
  hints: [
    "Must the hidden keys be part of the sum in softmax?",
    "Hide scores, not weights: e^(−∞) is 0. Read the first and the last of the *Three classic bugs* in note 12.",
    "scores = (q·scale)·kᵀ; hidden ones are −Infinity; where the largest of a row is −Infinity the row is blind: softmax of zeros there, then 0",
    "scores; visible ← causalMask.where(scores, −Infinity) if causal; no mask: softmax(visible); masked ← where or add; blind ← amax(−1) of masked is −Infinity; blind.where(0, softmax(blind.where(0, masked)))",
  ],
  mistakes: [
    {
      name: "the mask comes after softmax",
      fault: "scaledDotProductAttention: the mask comes after softmax",
      wrong: [
        scores,
        sizes,
        "const weights = softmax(scores);",
        "const seen = causal ? causalMask(queries, keys).where(weights, 0) : weights;",
        "if (mask === null) return seen;",
        `return mask.dtype === "bool" ? mask.where(seen, 0) : seen.mul(mask.exp());`,
      ].join("\n"),
      says: "Your hidden keys were part of the sum, so the other weights no longer add up to 1. Hide before softmax.",
    },
    {
      name: "the scale is missing",
      fault: "scaledDotProductAttention: the scale is missing",
      wrong: [
        scores.replace("q.mul(scale)", "q"),
        sizes,
        visible,
        "if (mask === null) return softmax(visible);",
        masked,
        blind,
        "return blind.where(0, softmax(blind.where(0, masked)));",
      ].join("\n"),
      says: "Your scores grow with the width, and softmax gives nearly everything to one key.",
    },
    {
      name: "softmax over the queries",
      wrong: [
        scores,
        sizes,
        visible,
        "if (mask === null) return softmax(visible, -2);",
        masked,
        blind,
        "return blind.where(0, softmax(blind.where(0, masked), -2));",
      ].join("\n"),
      says: "Your columns add up to 1. Each query divides its attention among keys, and a query is a row.",
    },
    {
      name: "all keys hidden gives NaN",
      wrong: [
        scores,
        sizes,
        visible,
        "if (mask === null) return softmax(visible);",
        masked,
        "return softmax(masked);",
      ].join("\n"),
      says: "A row of −∞ is 0/0 in softmax. One padded sequence then turns the whole gradient to NaN.",
    },
  ],
};
