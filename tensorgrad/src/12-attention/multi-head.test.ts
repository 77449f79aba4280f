import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { RotaryEmbedding } from "../11-embeddings/index.ts";
import { causalMask, MultiHeadAttention, type MultiHeadAttentionOptions } from "./index.ts";

describe("MultiHeadAttention", () => {
  it("is, head by head, softmax(q·kᵀ/√D)·v, then one more line", () => {
    const layer = made(6, 3);
    const x = drawn(1, 2, 5, 6);
    const part = (line: { forward(x: Tensor): Tensor }, h: number) => line.forward(x).narrow(-1, 2 * h, 2);
    const heads = [0, 1, 2].map((h) => {
      const scores = part(layer.q, h).matmul(part(layer.k, h).transpose(-2, -1)).div(Math.SQRT2);
      const e = scores.exp();
      return e.div(e.sum(-1, { keepDim: true })).matmul(part(layer.v, h));
    });
    const side = heads.map((head, h) => head.pad([2 * h, 4 - 2 * h]));
    close(layer.forward(x), layer.out.forward(side[0].add(side[1]).add(side[2])));
  });

  it("shares keys among heads: the same as with their rows repeated", () => {
    const shared = made(8, 4, { numKvHeads: 2 });
    const plain = made(8, 4);
    for (const name of ["q", "out"] as const) plain[name].loadStateDict(shared[name].stateDict());
    for (const name of ["k", "v"] as const) {
      const { weight, bias } = shared[name]; // two heads of 2 rows
      const repeated = (w: Tensor) =>
        w
          .reshape(2, 1, 2, -1)
          .expand(2, 2, 2, w.size / 4)
          .reshape(8, -1);
      plain[name].weight.assign(repeated(weight));
      plain[name].bias?.assign(repeated(bias as Tensor).reshape(8));
    }
    const x = drawn(2, 2, 5, 8);
    close(shared.forward(x, { causal: true }), plain.forward(x, { causal: true }));
    expect(shared.parameters().reduce((sum, { size }) => sum + size, 0)).toBe(2 * 8 * (8 + 4) + 24);
  });

  it("does not see the order of what it looks at, unless positions tell", () => {
    const order = tensor([3, 0, 4, 1, 2], { dtype: "int32" });
    fc.assert(
      fc.property(fc.nat(1000), fc.boolean(), (seed, qkNorm) => {
        const layer = made(4, 2, { qkNorm });
        const [x, memory] = [drawn(seed, 3, 4), drawn(seed + 1, 5, 4)];
        const permuted = memory.indexSelect(0, order);
        close(layer.forward(x, { memory: permuted }), layer.forward(x, { memory }));
        close(layer.forward(permuted), layer.forward(memory).indexSelect(0, order));
      }),
      { numRuns: 20 },
    );
    const rotary = new RotaryEmbedding(2);
    const memory = drawn(3, 5, 4);
    const turned = made(4, 2, { rotary });
    const [a, b] = [
      turned.forward(memory.indexSelect(0, order)),
      turned.forward(memory).indexSelect(0, order),
    ];
    expect(a.sub(b).abs().max().item()).toBeGreaterThan(1e-3);
  });

  it("sees distances alone with rotary positions: an offset changes nothing", () => {
    const layer = made(8, 2, { rotary: new RotaryEmbedding(4), qkNorm: true });
    const x = drawn(4, 1, 6, 8);
    close(layer.forward(x, { causal: true, offset: 57 }), layer.forward(x, { causal: true }), 1e-9);
  });

  it("looks across sequences of another width", () => {
    const layer = made(4, 2, { memoryDim: 3 });
    expect(layer.forward(drawn(5, 2, 6, 4), { memory: drawn(6, 2, 9, 3) }).shape).toEqual([2, 6, 4]);
    expect(() => layer.forward(drawn(5, 2, 6, 4))).toThrow("expected input [..., 3]");
  });

  it("shows its weights on request: rows that sum to 1, and nothing of later positions", () => {
    const layer = made(4, 2, { numKvHeads: 1 });
    const weights = layer.weights(drawn(7, 2, 5, 4), { causal: true });
    expect(weights.shape).toEqual([2, 2, 5, 5]);
    for (const total of weights.sum(-1).data) expect(total).toBeCloseTo(1, 12);
    expect(causalMask(5).where(0, weights).abs().max().item()).toBe(0);
    const x = drawn(7, 2, 5, 4);
    close(layer.weights(x, { mask: causalMask(5) }), weights);
    close(layer.forward(x, { mask: causalMask(5) }), layer.forward(x, { causal: true }));
  });

  it("trains every parameter", () => {
    const layer = made(4, 2, { qkNorm: true, numKvHeads: 1, rotary: new RotaryEmbedding(2) });
    const x = drawn(8, 2, 5, 4);
    const gradients = grad(layer.forward(x, { causal: true }).square().sum(), layer.parameters());
    const names = layer.namedParameters().map(([name]) => name);
    gradients.forEach((g, i) => {
      // Without the norm the bias of k would do nothing: it moves all scores of a query alike.
      expect(g.abs().max().item(), names[i]).toBeGreaterThan(1e-9);
    });
    expect(names).toHaveLength(9);
  });

  it("silences weights while training only", () => {
    const layer = made(4, 2, { dropout: 0.5, random: new Random(3) });
    const x = drawn(9, 1, 8, 4);
    expect(layer.forward(x).toArray()).not.toEqual(layer.forward(x).toArray());
    layer.eval();
    expect(layer.forward(x).toArray()).toEqual(layer.forward(x).toArray());
  });

  it("names heads that do not divide the width, and what else does not fit", () => {
    expect(() => new MultiHeadAttention(10, 3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MultiHeadAttention(10, 3): 3 heads for a width of 10 — each head gets an equal part: the width must be a multiple of the heads]`,
    );
    expect(() => new MultiHeadAttention(0, 1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MultiHeadAttention(0, 1): 1 heads for a width of 0 — each head gets an equal part: the width must be a multiple of the heads]`,
    );
    expect(() => new MultiHeadAttention(8, 4, { numKvHeads: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MultiHeadAttention(8, 4): numKvHeads = 3 — as many query heads share each: 4 must be a multiple of it]`,
    );
    expect(() => new MultiHeadAttention(8, 4, { dropout: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MultiHeadAttention(8, 4): dropout = 1 — a probability from 0 to below 1]`,
    );
    const layer = new MultiHeadAttention(4, 2);
    expect(() => layer.forward(zeros([4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: MultiHeadAttention: expected input [..., T, embedDim], got [4]]`,
    );
    expect(() => layer.forward(zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Linear(4 → 4): expected input [..., 4], got [2, 3]]`,
    );
    expect(() => layer.forward(zeros([3, 4]), { mask: zeros([2, 3]) })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scaledDotProductAttention: a mask of shape [2, 3] for scores [2, 3, 3] — it must broadcast to [..., queries, keys]]`,
    );
    const turned = new MultiHeadAttention(4, 2, { rotary: new RotaryEmbedding(2) });
    expect(() => turned.forward(zeros([3, 4]), { memory: zeros([3, 4]) })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: MultiHeadAttention: memory with rotary positions — they compare positions of one sequence; make the layer without]`,
    );
    expect(
      String(new MultiHeadAttention(8, 4, { numKvHeads: 1, qkNorm: true })).split("\n")[0],
    ).toMatchInlineSnapshot(
      `"MultiHeadAttention(8, 4, numKvHeads: 1, qkNorm: true) — 184 parameters: scale [4]"`,
    );
  });
});

const made = (embedDim: number, numHeads: number, options: MultiHeadAttentionOptions = {}) =>
  new MultiHeadAttention(embedDim, numHeads, { random: new Random(1), ...options }).to("float64");

function drawn(seed: number, ...shape: number[]): Tensor {
  const random = new Random(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return fromArray(
    Float64Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

function close(a: Tensor, b: Tensor, near = 1e-12): void {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(near);
}
