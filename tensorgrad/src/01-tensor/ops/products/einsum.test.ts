import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { heap } from "../../../00-runtime/index.ts";
import { arange, einsum, ones, sizeOf, type Tensor, tensor, zeros } from "../../index.ts";
import { indices } from "../../planes.ts";

const a = tensor([
  [1, 2],
  [3, 4],
]);
const b = tensor([
  [5, 6],
  [7, 8],
]);

describe("einsum", () => {
  it("says products, traces and transpositions in a word", () => {
    expect(einsum("ij,jk->ik", a, b).toArray()).toEqual(a.matmul(b).toArray());
    expect(einsum("ij,jk", a, b).toArray()).toEqual(a.matmul(b).toArray()); // what stands once, in order
    expect(einsum("ii", a).item()).toBe(5);
    expect(einsum("ii->i", a).toArray()).toEqual([1, 4]);
    expect(einsum("ji", a).toArray()).toEqual(a.t().toArray());
    expect(einsum("ij->", a).item()).toBe(10);
    expect(einsum("i,j->ij", tensor([1, 2]), tensor([3, 4])).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(einsum("ij,ij->i", a, b).toArray()).toEqual([17, 53]);
    expect(einsum(" i , i -> i ", tensor([1, 2]), tensor([3, 4])).toArray()).toEqual([3, 8]);
    expect(einsum(",i", tensor(2), tensor([3, 4])).toArray()).toEqual([6, 8]);
  });

  it("lets ... stand for other dims, which broadcast", () => {
    expect(einsum("...ij,jk->...ik", ones([5, 1, 2, 3]), ones([3, 4])).shape).toEqual([5, 1, 2, 4]);
    expect(einsum("...i,...i->...", ones([5, 2, 3]), ones([2, 3])).toArray()).toEqual(Array(5).fill([3, 3]));
    expect(einsum("b...->...b", zeros([2, 3, 4])).shape).toEqual([3, 4, 2]);
    expect(einsum("i...", zeros([2, 3])).shape).toEqual([3, 2]);
    expect(einsum("ij->...", a).item()).toBe(10);
    expect(einsum("...i->i", a).toArray()).toEqual([4, 6]); // as in PyTorch, what is not named is summed
  });

  it("contracts attention and bilinear forms", () => {
    const q = arange(24).reshape(1, 2, 3, 4).to("float32");
    const scores = einsum("bhqd,bhkd->bhqk", q, q);
    expect(scores.toArray()).toEqual(q.matmul(q.transpose(-2, -1)).toArray());
    expect(einsum("i,ij,j->", tensor([1, 2]), a, tensor([1, 1])).item()).toBe(17);
  });

  it("is the sum over all labels, by definition, on random equations", () => {
    fc.assert(
      fc.property(equations, ({ terms, output, operands }) => {
        const all = [...new Set(terms.flat())];
        const sums = new Map<string, number>();
        for (const index of indices(all.map((label) => sizeOfLabel[label]))) {
          const value = (label: string) => index[all.indexOf(label)];
          const factor = (x: Tensor, term: readonly string[]) =>
            at(
              x,
              term.map((label, d) => Math.min(value(label), x.shape[d] - 1)),
            );
          const product = operands.reduce((y, x, t) => y * factor(x, terms[t]), 1);
          const place = String(output.map(value));
          sums.set(place, (sums.get(place) ?? 0) + product);
        }
        const equation = `${terms.map((term) => term.join("")).join()}->${output.join("")}`;
        const shape = output.map((label) => sizeOfLabel[label]);
        expectElements(einsum(equation, ...operands), shape, (index) => sums.get(String(index)) ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  it("builds nothing larger than operands and results: the pair with the smallest product comes first", () => {
    const [x, y, z] = [ones([2, 100]), ones([50, 60]), ones([100, 50])];
    heap.resetPeak();
    const before = heap.live;
    expect(einsum("ai,kb,ik->ab", x, y, z).toArray()).toEqual(Array(2).fill(Array(60).fill(5000)));
    expect(heap.peak - before).toBeLessThan(100_000); // x · y alone, from left to right, has 2.4 MB
  });

  it("has gradients", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const [g] = grad(einsum("i,ij,j->", x, a, x), [x], { createGraph: true }); // (A + Aᵀ)x
    expect(g.toArray()).toEqual([12, 21]);
    expect(grad(g.select(0, 0), [x])[0].toArray()).toEqual([2, 5]);
  });

  it("names the subscript that does not fit", () => {
    expect(() => einsum("ij,jk->ik", [a, b] as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: einsum: operand 0 is of type object — operands are tensors, one after the other]`,
    );
    expect(() => einsum("ij,jk->ik", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ij,jk->ik" with 1 operands — the equation names 2; terms are separated by ","]`,
    );
    expect(() => einsum("ij,j1->i", a, b)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ij,j1->i": unknown subscript "1" — subscripts are letters, and "..." stands for any other dims]`,
    );
    expect(() => einsum("i->i", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "i->i": operand 0 of shape [2, 2] has subscripts "i" — one for each of its 2 dims, or "..." for the others]`,
    );
    expect(() => einsum("ijk", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ijk": operand 0 of shape [2, 2] has subscripts "ijk" — one for each of its 2 dims]`,
    );
    expect(() => einsum("ij->k", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ij->k": subscript "k" of the result stands in no operand — it has no size]`,
    );
    expect(() => einsum("ij->ii", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ij->ii": subscript "i" stands twice in the result — each dim is named once]`,
    );
    expect(() => einsum("ij->i->j", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ij->i->j" — at most one "->" leads to the result]`,
    );
    expect(() => einsum("ij,jk->ik", a, ones([3, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ij,jk->ik": subscript "j" is 2 in operand 0 and 3 in operand 1 — sizes must be equal, or one of them 1]`,
    );
    expect(() => einsum("ii->i", ones([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "ii->i": subscript "i" is 2 in operand 0 and 3 in operand 0 — sizes must be equal]`,
    );
    expect(() => einsum("...i,...i->...", ones([2, 3]), ones([4, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "...i,...i->...": subscript "..." is 2 in operand 0 and 4 in operand 1 — sizes must be equal, or one of them 1]`,
    );
    expect(() => einsum("i......", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "i......": operand 0 of shape [2, 2] has subscripts "i......" — one for each of its 2 dims, or "..." for the others]`,
    );
    expect(() => einsum("i...->......", a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: einsum: "i...->......" — "..." stands at most once in a term]`,
    );
  });
});

describe("bmm, dot and outer", () => {
  it("are strict about shapes", () => {
    expect(ones([2, 3, 4]).bmm(ones([2, 4, 5])).shape).toEqual([2, 3, 5]);
    expect(
      tensor([1, 2])
        .dot(tensor([3, 4]))
        .item(),
    ).toBe(11);
    expect(
      tensor([1, 2])
        .outer(tensor([3, 4, 5]))
        .toArray(),
    ).toEqual([
      [3, 4, 5],
      [6, 8, 10],
    ]);
    expect(
      zeros([0])
        .dot(zeros([0]))
        .item(),
    ).toBe(0);
    expect(() => ones([2, 3, 4]).bmm(ones([1, 4, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: bmm: [2, 3, 4] · [1, 4, 5] — two batches [B, M, K] and [B, K, N] of equally many matrices; use matmul for others]`,
    );
    expect(() => ones([2]).dot(ones([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: dot: [2] · [3] — two vectors of one length; use matmul for others]`,
    );
    expect(() => ones([2, 1]).outer(ones([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: outer: [2, 1] and [3] — two vectors [M] and [N]]`,
    );
  });
});

const sizeOfLabel: Readonly<Record<string, number>> = { i: 3, j: 1, k: 2, l: 0, m: 4 };
const labels = fc.constantFrom(..."iijkklmm");

/** One to three operands; labels stand anywhere, also twice in a term, and some dims of the second operand are stretched. */
const equations = fc
  .record({
    terms: fc.array(fc.array(labels, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    kept: fc.shuffledSubarray([..."ijklm"]),
    stretched: fc.constantFrom("", "i", "k", "m"),
    seed: fc.nat(20),
  })
  .map(({ terms, kept, stretched, seed }) => {
    const thin = terms[0].includes(stretched) ? stretched : ""; // elsewhere it has its full size
    const operands = terms.map((term, t) => {
      const shape = term.map((label) => (t === 1 && label === thin ? 1 : sizeOfLabel[label]));
      const numbers = Array.from({ length: sizeOf(shape) }, (_, n) => ((n * 5 + seed + t) % 7) - 3);
      const stored = tensor(numbers, { dtype: "float64" }).reshape(shape.toReversed());
      return stored.permute(shape.map((_, d) => shape.length - 1 - d));
    });
    const output = kept.filter((label) => terms.some((term) => term.includes(label)));
    return { terms, output, operands };
  });
