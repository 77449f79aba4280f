import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray, ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { type AttentionOptions, causalMask, paddingMask, scaledDotProductAttention } from "./index.ts";

const double = { dtype: "float64" } as const;

describe("scaledDotProductAttention", () => {
  it("averages the values by how well keys fit: e^0 : e^ln 3 = 1 : 3", () => {
    const q = tensor([[1, 0]], double);
    const k = tensor(
      [
        [0, 5],
        [Math.log(3) * Math.SQRT2, 7],
      ],
      double,
    );
    const y = scaledDotProductAttention(q, k, tensor([[0], [4]], double));
    expect(y.item()).toBeCloseTo(3, 14); // (1·0 + 3·4)/4
  });

  it("lets no query see later keys, if causal; the last query stands at the last key", () => {
    const v = tensor([[1], [2], [6]]);
    const same = zeros([3, 2]);
    const causal = { causal: true };
    expect(scaledDotProductAttention(same, same, v, causal).toArray()).toEqual([[1], [1.5], [3]]);
    expect(scaledDotProductAttention(zeros([1, 2]), same, v, causal).toArray()).toEqual([[3]]);
  });

  it("hides keys by a mask of bool, and shifts scores by one of numbers", () => {
    const v = tensor([[1], [3]]);
    const same = zeros([2, 2]);
    const seen = tensor([[1, 0]]).to("bool");
    expect(scaledDotProductAttention(same, same, v, { mask: seen }).toArray()).toEqual([[1], [1]]);
    const shifted = tensor([0, Math.log(3)]);
    expect(scaledDotProductAttention(same, same, v, { mask: shifted }).data[0]).toBeCloseTo(2.5, 6);
  });

  it("gives 0 to a query that may see nothing, and no gradient", () => {
    const x = drawn(1, 2, 4);
    x.requiresGrad = true;
    const mask = tensor([
      [0, 0],
      [1, 1],
    ]).to("bool");
    const y = scaledDotProductAttention(x, x, x, { mask });
    expect(y.select(0, 0).toArray()).toEqual([0, 0, 0, 0]);
    const [g] = grad(y.select(0, 0).sum(), [x]);
    expect(g.toArray()).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("is the same with key heads that are shared as with key heads that are repeated", () => {
    const [q, k, v] = [drawn(2, 2, 6, 5, 4), drawn(3, 2, 2, 7, 4), drawn(4, 2, 2, 7, 3)];
    const repeated = (x: Tensor) =>
      x.unsqueeze(2).expand(2, 2, 3, 7, x.shape[3]).reshape(2, 6, 7, x.shape[3]);
    close(
      scaledDotProductAttention(q, k, v, { causal: true }),
      scaledDotProductAttention(q, repeated(k), repeated(v), { causal: true }),
    );
  });

  it("silences weights by dropout, the same for the same generator", () => {
    const x = drawn(5, 3, 8, 4);
    const at = (seed: number) =>
      scaledDotProductAttention(x, x, x, { dropoutP: 0.5, random: new Random(seed) });
    expect(at(1).toArray()).toEqual(at(1).toArray());
    expect(at(1).toArray()).not.toEqual(at(2).toArray());
    expect(at(1).toArray()).not.toEqual(scaledDotProductAttention(x, x, x).toArray());
  });

  it("says which operands do not belong together", () => {
    const attend = (q: number[], k: number[], v: number[], options?: AttentionOptions) => () =>
      scaledDotProductAttention(zeros(q), zeros(k), zeros(v), options);
    expect(attend([4], [4], [4])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: q [4], k [4], v [4] — all three have as many dims, at least [T, D]]`,
    );
    expect(attend([2, 4], [2, 3], [2, 3])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: q [2, 4], k [2, 3], v [2, 3] — queries and keys have one width: the last dim of q and k]`,
    );
    expect(attend([2, 4], [2, 4], [3, 4])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: q [2, 4], k [2, 4], v [3, 4] — there is one value for each key: the second-to-last dim of k and v]`,
    );
    expect(attend([4, 2, 4], [3, 2, 4], [3, 2, 4])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: q [4, 2, 4], k [3, 2, 4], v [3, 2, 4] — 4 query heads share 3 key heads: the one count must be a multiple of the other]`,
    );
    expect(attend([2, 4, 2, 4], [1, 4, 2, 4], [1, 4, 2, 4])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: q [2, 4, 2, 4], k [1, 4, 2, 4], v [1, 4, 2, 4] — the dims before the last three must be equal, and those of k and v before the last two]`,
    );
    expect(attend([3, 4], [2, 4], [2, 4], { causal: true })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: causal with 3 queries for 2 keys — the last query stands at the last key, so there are no more queries than keys]`,
    );
    expect(attend([2, 4], [2, 4], [2, 4], { mask: ones([3, 2]) })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: a mask of shape [3, 2] for scores [2, 2] — it must broadcast to [..., queries, keys]]`,
    );
    expect(
      attend([2, 4], [2, 4], [2, 4], { mask: ones([2, 2], { dtype: "int32" }) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: scaledDotProductAttention: a mask of dtype int32 for scores of float32 — bool (true: may be seen), or numbers that are added, of one dtype with q]`,
    );
    expect(
      attend([2, 4], [2, 4], [2, 4], { mask: [1] as unknown as Tensor }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: scaledDotProductAttention: a mask of type object — a mask is a tensor]`,
    );
    expect(attend([2, 4], [2, 4], [2, 4], { dropoutP: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: scaledDotProductAttention: dropoutP = 1 — a probability from 0 to below 1]`,
    );
    expect(attend([2, 4], [2, 4], [2, 4], { scale: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: scaledDotProductAttention: scale = NaN — a finite number]`,
    );
    const mixed = () => scaledDotProductAttention(zeros([2, 4]), zeros([2, 4], double), zeros([2, 4]));
    expect(mixed).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: scaledDotProductAttention: q float32, k float64, v float32 — all three must be of one float dtype; use x.to("float32")]`,
    );
  });
});

describe("masks", () => {
  it("show each query the keys up to its own position", () => {
    expect(causalMask(2, 3).to("int32").toArray()).toEqual([
      [1, 1, 0],
      [1, 1, 1],
    ]);
    expect(() => causalMask(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: causalMask: -1 queries, -1 keys — counts are whole numbers ≥ 0]`,
    );
  });

  it("hide what fills up", () => {
    const ids = tensor([[5, 0]], { dtype: "int32" });
    expect(paddingMask(ids, 0).to("int32").toArray()).toEqual([[[[1, 0]]]]);
    expect(() => paddingMask(ids.select(0, 0), 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: paddingMask: ids [2] — sequences of one length, [N, S]]`,
    );
  });
});

function drawn(seed: number, ...shape: number[]): Tensor {
  const random = new Random(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return fromArray(
    Float64Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

function close(a: Tensor, b: Tensor): void {
  expect(a.shape).toEqual(b.shape);
  a.data.forEach((value, i) => {
    expect(value).toBeCloseTo(b.data[i], 12);
  });
}
