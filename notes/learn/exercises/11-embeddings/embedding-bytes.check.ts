import { tensor, zeros } from "tensorgrad";
import { Embedding, PositionalEncoding } from "tensorgrad/nn";
import { asked } from "../compare.ts";

/** A table whose ids 7, 3, 7, 9, 3 have gone backward. */
function used(): Embedding {
  const table = new Embedding(1000, 64);
  table
    .forward(tensor([7, 3, 7, 9, 3], { dtype: "int32" }))
    .sum()
    .backward();
  return table;
}

function rowsThatDiffer(): number {
  const gradient = used().weight.grad?.data ?? [];
  return new Set(
    Array.from(gradient, (g, i) => (g === 0 ? -1 : Math.floor(i / 64))).filter((row) => row >= 0),
  ).size;
}

const parameters = ({ weight }: PositionalEncoding): number => weight?.size ?? 0;

export const { checks, solution } = asked({
  table: ["bytes of the table", () => used().weight.data.byteLength],
  gradient: ["bytes of its gradient", () => used().weight.grad?.data.byteLength ?? 0],
  rows: ["rows of the gradient that differ from 0", rowsThatDiffer],
  oneHot: ["bytes of the one-hot matrix", () => zeros([5, 1000]).data.byteLength],
  learned: [
    "parameters of learned positions",
    () => parameters(new PositionalEncoding(128, 64, { learned: true })),
  ],
});
