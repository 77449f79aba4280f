import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { linear } from "../03-layers/index.ts";
import { Embedding, embedding } from "./index.ts";

const ids = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "int32" });
const table = (): Tensor =>
  tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );

describe("embedding", () => {
  it("looks up a row for each id, in any shape", () => {
    expect(embedding(ids([2, 0]), table()).toArray()).toEqual([
      [5, 6],
      [1, 2],
    ]);
    expect(embedding(ids([[1], [2]]), table()).toArray()).toEqual([[[3, 4]], [[5, 6]]]);
    expect(embedding(ids([]), table()).shape).toEqual([0, 2]);
    expect(embedding(tensor(1, { dtype: "int32" }), table()).toArray()).toEqual([3, 4]);
  });

  it("adds both gradients where an id occurs twice, and none where it does not occur", () => {
    const weight = table();
    const g = tensor([
      [1, 10],
      [2, 20],
      [4, 40],
    ]);
    embedding(ids([0, 2, 0]), weight).backward(g);
    expect(weight.grad?.toArray()).toEqual([
      [5, 50],
      [0, 0],
      [2, 20],
    ]);
  });

  it("is the product of one-hot rows with the table, gradient included", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 12 }), fc.nat(1000), (list, seed) => {
        const random = new Random(seed);
        const weight = tensor(
          Array.from({ length: 5 }, () => [random.normal(), random.normal(), random.normal()]),
          { requiresGrad: true, dtype: "float64" },
        );
        const oneHot = zeros([list.length, 5], { dtype: "float64" });
        list.forEach((id, i) => {
          oneHot.data[5 * i + id] = 1;
        });
        const v = tensor(
          Array.from({ length: list.length * 3 }, () => random.normal()),
          {
            dtype: "float64",
          },
        ).reshape(list.length, 3);
        const looked = embedding(ids(list), weight);
        const multiplied = oneHot.matmul(weight);
        expect(looked.toArray()).toEqual(multiplied.toArray());
        const [a] = grad(looked, [weight], { gradOutputs: v });
        const [b] = grad(multiplied, [weight], { gradOutputs: v });
        a.data.forEach((value, i) => {
          expect(value).toBeCloseTo(b.data[i], 12);
        });
      }),
    );
  });

  it("leaves the padding's row alone, to any order", () => {
    const weight = table();
    const y = embedding(ids([1, 2, 1]), weight, { paddingIdx: 1 });
    expect(y.select(0, 0).toArray()).toEqual([3, 4]);
    const [g] = grad(y.square().sum(), [weight], { createGraph: true });
    expect(g.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [10, 12],
    ]);
    g.sum().backward();
    expect(weight.grad?.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
    ]);
  });

  it("names an id that is not in the table, and where it stands", () => {
    expect(() =>
      embedding(
        ids([
          [0, 1],
          [3, 2],
        ]),
        table(),
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: embedding: id 3 at [1, 0] of ids [2, 2] — ids go from 0 to 2]`,
    );
    expect(() => embedding(ids([-1]), table())).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: embedding: id -1 at [0] of ids [1] — ids go from 0 to 2]`,
    );
    expect(() => embedding(ids([0]), zeros([0, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: embedding: id 0 at [0] of ids [1] — the vocabulary is empty]`,
    );
    expect(() => embedding(tensor([0.5]), table())).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: embedding: ids of dtype float32 — ids are int32; use ids.to("int32")]`,
    );
    expect(() => embedding([1, 2] as unknown as Tensor, table())).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: embedding: ids of type object — ids are a tensor: tensor([[3, 1]], { dtype: "int32" })]`,
    );
    expect(() => embedding(ids([0]), ones([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: embedding: weight [3] — a table has two dims, [vocabSize, embedDim]]`,
    );
    expect(() => embedding(ids([0]), table(), { paddingIdx: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: embedding: paddingIdx 3 — an id of the table, from 0 to 2]`,
    );
  });
});

describe("Embedding", () => {
  it("starts with normal numbers, as its generator draws them", () => {
    const make = (seed: number) => new Embedding(50, 40, { random: new Random(seed) });
    expect(make(1).weight.toArray()).toEqual(make(1).weight.toArray());
    expect(make(1).weight.toArray()).not.toEqual(make(2).weight.toArray());
    expect(make(1).weight.std().item()).toBeCloseTo(1, 1);
    expect(make(1).weight.mean().item()).toBeCloseTo(0, 1);
  });

  it("keeps a row of zeros for the padding", () => {
    const layer = new Embedding(3, 2, { paddingIdx: 0 });
    expect(layer.forward(ids([0])).toArray()).toEqual([[0, 0]]);
    layer
      .forward(ids([0, 1, 0]))
      .sum()
      .backward();
    expect(layer.weight.grad?.toArray()).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
  });

  it("shares its table with a head: both gradients add up", () => {
    const layer = new Embedding(3, 2);
    layer.weight.assign([1, 2, 3, 4, 5, 6]);
    const x = layer.forward(ids([0])); // [1, 2]
    linear(x, layer.weight).sum().backward(); // Σ_v x·w_v: each row gets x, row 0 also Σ_v w_v = [9, 12]
    expect(layer.weight.grad?.toArray()).toEqual([
      [10, 14],
      [1, 2],
      [1, 2],
    ]);
  });

  it("prints its sizes, and refuses those that are none", () => {
    expect(String(new Embedding(3, 2, { paddingIdx: 0 }))).toMatchInlineSnapshot(
      `"Embedding(3, 2, paddingIdx: 0) — 6 parameters: weight [3, 2]"`,
    );
    expect(() => new Embedding(-1, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Embedding(-1, 2): sizes must be whole numbers, 0 or more]`,
    );
    expect(() => new Embedding(3, 2.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Embedding(3, 2.5): sizes must be whole numbers, 0 or more]`,
    );
    expect(() => new Embedding(3, 2, { paddingIdx: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Embedding(3, 2): paddingIdx -1 — an id of the table, from 0 to 2]`,
    );
    expect(() => new Embedding(3, 2).forward(ids([1, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Embedding(3, 2): id 5 at [1] of ids [2] — ids go from 0 to 2]`,
    );
  });
});
