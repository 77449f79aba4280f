import { tensor, zeros } from "tensorgrad";
import { alibiBias, embedding, RotaryEmbedding } from "tensorgrad/nn";
import { asked } from "../compare.ts";

function rowFour(): number {
  const weight = zeros([5, 1], { requiresGrad: true });
  const y = embedding(tensor([4, 1, 4], { dtype: "int32" }), weight);
  y.backward(tensor([[3], [5], [4]]));
  return weight.grad?.data[4] ?? 0;
}

/** The score of a query and a key at these positions. */
function score(query: number, key: number): number {
  const rotary = new RotaryEmbedding(4);
  const at = (row: number[], offset: number) => [
    ...rotary.forward(tensor([row], { dtype: "float64" }), { offset }).data,
  ];
  const [q, k] = [at([1, 2, 0, 1], query), at([2, 1, 1, 0], key)];
  return q.reduce((sum, value, i) => sum + value * k[i], 0);
}

/** Where the key has to stand for the query at 2 to give the score of 40 and 47. */
function place(): number {
  const wanted = score(40, 47);
  for (let key = 0; key < 20; key++) if (Math.abs(score(2, key) - wanted) < 1e-9) return key;
  return Number.NaN;
}

function angle(): number {
  const turned = new RotaryEmbedding(2).forward(tensor([[1, 0]], { dtype: "float64" }), { offset: 3 }).data;
  return Math.atan2(turned[1], turned[0]);
}

export const { checks, solution } = asked({
  row: ["the gradient of row 4", rowFour],
  place: ["the position of the key", place],
  angle: ["the angle of the fastest pair", angle],
  bias: ["what the first head adds", () => alibiBias(8, 5).data[4 * 5]],
});
