import { tensor } from "tensorgrad";
import { scaledDotProductAttention } from "tensorgrad/nn";
import { asked } from "../compare.ts";

function answer(): number {
  const [q, k, v] = [tensor([[1]]), tensor([[0], [Math.log(3)]]), tensor([[0], [8]])];
  return scaledDotProductAttention(q, k, v).item();
}

export const { checks, solution } = asked({
  answer: ["the answer of the query", answer, 1e-5],
  scale: ["the factor of the scores", () => 1 / Math.sqrt(64)],
  length: ["the length at which both cost the same", () => (24 * 64) / 4],
  saved: ["the share that is saved", () => 1 - 1 / 4],
});
