import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../../src/00-runtime/index.ts";
import { cat, type Shape, stack, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import { indices } from "../../src/01-tensor/planes.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

/** A tensor of small integers, seen through a random chain of views, and the index function that says what it holds. */
const strided = fc.record({
  shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
  dtype: fc.constantFrom("float32" as const, "float64" as const, "int32" as const),
  swap: fc.tuple(fc.nat(3), fc.nat(3)),
  slice: fc.record({ dim: fc.nat(3), start: fc.nat(3), step: fc.constantFrom(1, 2, 3, -1, -2) }),
});

function build({
  shape,
  dtype,
  swap,
  slice,
}: {
  shape: number[];
  dtype: "float32" | "float64" | "int32";
  swap: [number, number];
  slice: { dim: number; start: number; step: number };
}): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  let x: Tensor = tensor(
    Array.from({ length: size }, (_, i) => ((i * 7) % 11) - 5),
    { dtype },
  ).reshape(shape);
  if (x.rank === 0) return x;
  x = x.transpose(swap[0] % x.rank, swap[1] % x.rank);
  return x.slice(slice.dim % x.rank, slice.start, undefined, slice.step);
}

const at = (x: Tensor, index: Shape): number =>
  x.storage.view[x.offset + index.reduce((sum, i, d) => sum + i * x.strides[d], 0)];

const elements = (x: Tensor): number[] => [...indices(x.shape)].map((index) => at(x, index));

for (const choice of ["simd", "reference"] as const) {
  describe(`operations on ${choice} kernels`, () => {
    const check = (property: (x: Tensor) => void) =>
      fc.assert(
        fc.property(strided, (plan) => {
          useKernels(choice);
          property(build(plan));
        }),
        { numRuns: 300 },
      );

    it("map every element of any strided tensor", () =>
      check((x) => {
        expect([...x.neg().data]).toEqual(elements(x).map((v) => -v || (x.dtype === "int32" ? 0 : -v)));
        expect([...x.relu().data]).toEqual(elements(x).map((v) => Math.max(v, 0)));
      }));

    it("combine strided and broadcast operands", () =>
      check((x) => {
        const row = x.rank === 0 ? x : x.narrow(0, 0, Math.min(1, x.shape[0]));
        if (x.rank > 0 && x.shape[0] === 0) return;
        const expected = [...indices(x.shape)].map(
          (index) =>
            at(x, index) -
            at(
              row,
              index.map((i, d) => (d === 0 ? 0 : i)),
            ),
        );
        expect([...x.sub(row).data]).toEqual(expected);
        expect([...x.sub(x.clone()).data].every((v) => v === 0)).toBe(true);
        expect([...x.gt(0).data]).toEqual(elements(x).map((v) => (v > 0 ? 1 : 0)));
        expect([...x.gt(0).where(x, 2).data]).toEqual(elements(x).map((v) => (v > 0 ? v : 2)));
      }));

    it("sum over any dims", () =>
      check((x) => {
        for (let dims = 0; dims < 1 << x.rank; dims++) {
          const list = [...Array(x.rank).keys()].filter((d) => (dims >> d) & 1);
          const sums = new Map<string, number>();
          for (const index of indices(x.shape.map((n, d) => (list.includes(d) ? 1 : n))))
            sums.set(String(index), 0);
          for (const index of indices(x.shape)) {
            const key = String(index.map((i, d) => (list.includes(d) ? 0 : i)));
            sums.set(key, (sums.get(key) as number) + at(x, index));
          }
          expect([...x.sum(list, { keepDim: true }).data]).toEqual([...sums.values()]);
        }
      }));

    it("find the best element along any dim, the first on ties", () =>
      check((x) => {
        for (let dim = 0; dim < x.rank; dim++) {
          if (x.shape[dim] === 0 || x.size === 0) continue;
          const { values, indices: where } = x.max(dim, { keepDim: true });
          for (const index of indices(values.shape)) {
            const line = Array.from({ length: x.shape[dim] }, (_, i) => at(x, index.with(dim, i)));
            expect(at(values, index)).toBe(Math.max(...line));
            expect(at(where, index)).toBe(line.indexOf(Math.max(...line)));
          }
          expect(x.argmin(dim).toArray()).toEqual(x.neg().argmax(dim).toArray());
        }
      }));

    it("multiply matrices of any strides and batches", () =>
      check((x) => {
        if (x.rank < 1 || x.dtype === "int32") return;
        const a = x.rank === 1 ? x.unsqueeze(0) : x;
        const b = a.transpose(-2, -1);
        const c = a.matmul(b);
        for (const index of indices(c.shape)) {
          const [i, j] = index.slice(-2);
          const lead = index.slice(0, -2);
          let sum = 0;
          for (let k = 0; k < (a.shape.at(-1) as number); k++)
            sum += at(a, [...lead, i, k]) * at(a, [...lead, j, k]);
          expect(at(c, index)).toBe(sum);
        }
      }));
  });
}

describe("matmul", () => {
  it("takes vectors as rows and columns, and broadcasts batches", () => {
    expect(
      tensor([1, 2])
        .matmul(tensor([3, 4]))
        .item(),
    ).toBe(11);
    expect(
      tensor([
        [1, 2],
        [3, 4],
      ])
        .matmul(tensor([1, 1]))
        .toArray(),
    ).toEqual([3, 7]);
    expect(
      tensor([1, 1])
        .matmul(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toEqual([4, 6]);
    expect(zeros([5, 1, 2, 3]).matmul(zeros([4, 3, 6])).shape).toEqual([5, 4, 2, 6]);
    expect(zeros([5, 4, 2, 3]).matmul(zeros([3, 6])).shape).toEqual([5, 4, 2, 6]);
    expect(
      zeros([2, 0])
        .matmul(zeros([0, 3]))
        .toArray(),
    ).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("says what does not fit", () => {
    expect(() => zeros([32, 784]).matmul(zeros([10, 784]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: matmul: [32, 784] · [10, 784]: the left's last dim (784) must equal the right's second-to-last (10); the right transposed would fit: b.transpose(-2, -1)]`,
    );
    expect(() => zeros([2, 3]).matmul(zeros([4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: matmul: [2, 3] · [4, 1]: the left's last dim (3) must equal the right's second-to-last (4)]`,
    );
    expect(() => zeros([2, 3, 4]).matmul(zeros([3, 4, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: matmul: [2, 3, 4] · [3, 4, 5]: leading dims: shapes [2] and [3] do not broadcast: dim -1 is 2 on the left and 3 on the right (sizes must be equal, or one of them 1)]`,
    );
    expect(() => tensor(1).matmul(tensor([1]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: matmul: [] · [1]: a scalar has no rows and columns; use mul]`,
    );
  });
});

describe("dtypes", () => {
  it("promote: bool < uint8 < int8 < int32 < float32 < float64", () => {
    const [i, f, d] = (["int32", "float32", "float64"] as const).map((dtype) => tensor([3], { dtype }));
    expect([i.add(f).dtype, f.add(d).dtype, i.add(1).dtype, i.add(0.5).dtype, i.div(2).dtype]).toEqual([
      "float32",
      "float64",
      "int32",
      "float32",
      "float32",
    ]);
    expect(tensor([true, true]).sum().item()).toBe(2);
    expect(i.div(2).item()).toBe(1.5);
    expect(tensor([1.7, -1.7]).to("int32").toArray()).toEqual([1, -1]);
    expect(tensor([0, 2]).to("bool").toArray()).toEqual([0, 1]);
  });
});

describe("reductions", () => {
  it("of nothing", () => {
    expect(zeros([0]).sum().item()).toBe(0);
    expect(zeros([0]).mean().item()).toBeNaN();
    expect(() => zeros([0]).max()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: max: a tensor of shape [0] — dim 0 has no elements to choose from]`,
    );
    expect(() => zeros([2, 0]).argmax(1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: argmax: a tensor of shape [2, 0] — dim 1 has no elements to choose from]`,
    );
  });

  it("mean, var, std, logSumExp", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 9],
    ]);
    expect(x.mean(1).toArray()).toEqual([2, 6]);
    expect(x.var(1).toArray()).toEqual([1, 7]);
    expect(x.std(1, { correction: 0 }).square().mul(3).round().toArray()).toEqual([2, 14]);
    expect(tensor([1000, 1000]).logSumExp().item()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(tensor([-Infinity, -Infinity]).logSumExp().item()).toBe(-Infinity);
    expect(x.max().item()).toBe(9);
    expect(tensor([1, NaN, 3]).max().item()).toBeNaN();
  });
});

describe("views", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it("share memory where strides can express the result", () => {
    expect(x.t().storage).toBe(x.storage);
    expect(x.t().reshape(6).storage).not.toBe(x.storage);
    expect(x.t().reshape(6).toArray()).toEqual([1, 4, 2, 5, 3, 6]);
    expect(() => x.t().view(6)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: view: [3, 2] with strides [1, 3] to [6] — no strides show these elements in that order without a copy; use reshape]`,
    );
    expect(x.expand(2, 2, 3).shape).toEqual([2, 2, 3]);
    expect(x.unsqueeze(1).squeeze().shape).toEqual([2, 3]);
    expect(x.slice(1, -2).toArray()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(x.select(0, -1).toArray()).toEqual([4, 5, 6]);
    expect(x.flatten().shape).toEqual([6]);
    expect(x.permute(1, 0).shape).toEqual([3, 2]);
    expect(cat([x, x], 1).shape).toEqual([2, 6]);
    expect(stack([x, x]).shape).toEqual([2, 2, 3]);
  });

  it("say which dims or positions do not exist", () => {
    expect(() => x.transpose(0, 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: transpose: dim 2 of a tensor of shape [2, 3] — dims go from -2 to 1]`,
    );
    expect(() => x.permute(0, 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: permute: dims [0, 0] of [2, 3] — each of the 2 dims must be named exactly once]`,
    );
    expect(() => x.expand(2, 6)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: expand: [2, 3] to [2, 6] — only dims of size 1 stretch, and new dims come first]`,
    );
    expect(() => x.narrow(1, 2, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: narrow: 2 from 2 along dim 1 of [2, 3] — the range must lie within 0 and 3]`,
    );
    expect(() => x.select(0, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: select: index 2 along dim 0 of [2, 3] — indices go from -2 to 1]`,
    );
    expect(() => x.slice(0, 0, 2, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: slice: step 0 along dim 0 of [2, 3] — a step is an integer, and not 0]`,
    );
    expect(() => tensor([1]).t()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: t: a tensor of shape [1] — t() transposes matrices; name two dims: x.transpose(-2, -1)]`,
    );
    expect(() => x.flatten(1, 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: flatten: dims 1 to 0 of [2, 3] — the first must not come after the last]`,
    );
    expect(() => cat([x, x.t()])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: cat: [2, 3] and [3, 2] along dim 0 — all other dims must be equal]`,
    );
    expect(() => cat([])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: cat: no tensors — at least one is needed]`,
    );
    expect(() => x.item()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: item: a tensor of shape [2, 3] has 6 elements — only a single one can be a number; use toArray()]`,
    );
    expect(() => x.sum([0, 0])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: sum: dims [0, 0] of a tensor of shape [2, 3] — each dim may be named once]`,
    );
    expect(() => x.add([1] as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: add: expected a tensor or a number, got object — wrap lists with tensor([…])]`,
    );
    expect(() => x.add(tensor([1, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: add: shapes [2, 3] and [2] do not broadcast: dim -1 is 3 on the left and 2 on the right (sizes must be equal, or one of them 1)]`,
    );
    expect(() => x.where(1, 2)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: where: a condition of dtype float32 — a condition is a tensor of bool; compare first: x.gt(0).where(a, b)]`,
    );
    expect(() => x.clone().assign(tensor([1]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: assign: [1] into a tensor of shape [2, 3] — shapes must be equal]`,
    );
  });
});
