import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { bandMask, causalMask, scaledDotProductAttention } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

/** The mask as rows of 0 and 1. */
function rows(mask: Tensor): string {
  const [queries, keys] = mask.shape;
  const all = Array.from(mask.data, Number).join("");
  return Array.from({ length: queries }, (_, i) => all.slice(i * keys, (i + 1) * keys)).join(" ");
}

/** What three positions answer where the last key's value is this. */
const answers = (last: number) => [
  ...scaledDotProductAttention(ones(), ones(), tensor([[1], [2], [last]]), { mask: causalMask(3) }).data,
];
const ones = () => tensor([[1], [1], [1]]);

export const checks: Checks = {
  "nobody sees the future": () => {
    assert.deepEqual(
      answers(3).slice(0, 2),
      answers(-70).slice(0, 2),
      "the last value changed, and so did earlier answers",
    );
    assert.equal(rows(causalMask(3)), "100 110 111", "the causal mask of three queries, row by row");
  },
  "the last query stands at the last key": () =>
    assert.equal(rows(causalMask(2, 4)), "1110 1111", "two queries for four keys, row by row"),
  "a band counts the query's own key": () =>
    assert.equal(rows(bandMask(4, 4, 2)), "1000 1100 0110 0011", "a band of two keys, row by row"),
};

export const probes: Probes = () => [
  rows(causalMask(3)),
  rows(causalMask(2, 4)),
  rows(bandMask(4, 4, 2)),
  ...answers(3),
];
