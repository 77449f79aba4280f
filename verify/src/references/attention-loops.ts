import type { Tensor } from "tensorgrad";
import type { OnnxParity } from "../table/case.ts";

export const attentionSums: OnnxParity = {
  ulps: 256,
  why: "attentionSums in another order, also in the exponent",
};

/** y for q, k, v of one head as nested lists, query by query; `sees` tells which keys. */
export function attentionLoops(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  scale: number,
  sees: (i: number, j: number) => boolean,
): number[] {
  const [T, D] = q.shape;
  const [S, E] = v.shape;
  return Array.from({ length: T }, (_, i) => {
    const weights = Array.from({ length: S }, (_, j) => {
      if (!sees(i, j)) return 0;
      let score = 0;
      for (let d = 0; d < D; d++) score += q.data[i * D + d] * k.data[j * D + d];
      return Math.exp(scale * score);
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return Array.from({ length: E }, (_, e) =>
      weights.reduce((total, weight, j) => total + (weight / (sum || 1)) * v.data[j * E + e], 0),
    );
  }).flat();
}
