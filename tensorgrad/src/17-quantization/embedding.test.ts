import { expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { tensor } from "../01-tensor/index.ts";
import { Embedding } from "../11-embeddings/index.ts";
import { QuantizedEmbedding } from "./embedding.ts";

it("QuantizedEmbedding looks up rows that are off by half a step at most", () => {
  const table = new Embedding(7, 5, { random: new Random(1) });
  const layer = new QuantizedEmbedding(table);
  const ids = tensor([[3, 0], [6, 3]], { dtype: "int32" }); // biome-ignore format: a matrix
  const [y, truth] = [layer.forward(ids), table.forward(ids).detach()];
  expect(y.shape).toEqual([2, 2, 5]);
  const half = layer.scale.max().item() / 2;
  expect(y.sub(truth).abs().max().item()).toBeLessThanOrEqual(1.001 * half);
  expect(() => layer.forward(tensor([7], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: embedding: id 7 at [0] of ids [1] — ids go from 0 to 6]`,
  );
});
