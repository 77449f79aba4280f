import fc from "fast-check";
import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, Random, useKernels } from "../00-runtime/index.ts";
import { type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { RotaryEmbedding } from "./index.ts";

const double = { dtype: "float64" } as const;
const initial = kernelChoice();
afterEach(() => useKernels(initial));

function drawn(seed: number, ...shape: number[]): Tensor {
  const random = new Random(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(
    Array.from({ length: size }, () => random.normal()),
    double,
  ).reshape(shape);
}

describe("RotaryEmbedding", () => {
  it("turns the halves of a row as pairs: (1, 0) at position 1 by one radian", () => {
    const y = new RotaryEmbedding(4).forward(
      tensor(
        [
          [1, 1, 0, 0],
          [1, 1, 0, 0],
        ],
        double,
      ),
    );
    expect(y.select(0, 0).toArray()).toEqual([1, 1, 0, 0]);
    const [a, b, c, d] = y.select(0, 1).data;
    expect([a, c]).toEqual([Math.cos(1), Math.sin(1)]);
    expect(b).toBeCloseTo(Math.cos(0.01), 15); // pair 1 of 2: 10,000^(−1/2)
    expect(d).toBeCloseTo(Math.sin(0.01), 15);
  });

  it("makes products depend on the distance between positions alone", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(300), fc.nat(1000), (s, t, moved, seed) => {
        const layer = new RotaryEmbedding(8, { base: 1000 });
        const [q, k] = [drawn(seed, 1, 8), drawn(seed + 1, 1, 8)];
        const score = (s: number, t: number) =>
          layer
            .forward(q, { offset: s })
            .mul(layer.forward(k, { offset: t }))
            .sum()
            .item();
        expect(score(s + moved, t + moved)).toBeCloseTo(score(s, t), 10);
      }),
    );
  });

  it("keeps lengths, and turns back what flows back", () => {
    const x = drawn(3, 2, 3, 5, 6);
    x.requiresGrad = true;
    const layer = new RotaryEmbedding(6);
    const y = layer.forward(x);
    y.square()
      .sum(-1)
      .data.forEach((length, i) => {
        expect(length).toBeCloseTo(x.square().sum(-1).data[i], 12);
      });
    const [back] = grad(y, [x], { gradOutputs: y.detach() });
    back.data.forEach((value, i) => {
      expect(value).toBeCloseTo(x.data[i], 12);
    });
  });

  it("goes on where an offset says", () => {
    const layer = new RotaryEmbedding(4, { maxSeqLen: 8 });
    const x = drawn(4, 2, 8, 4);
    const rest = layer.forward(x.narrow(1, 5, 3), { offset: 5 });
    expect(rest.toArray()).toEqual(layer.forward(x).narrow(1, 5, 3).toArray());
  });

  for (const kernels of ["simd", "reference"] as const) {
    it(`reads heads where a projection leaves them, and leaves them so (${kernels} kernels)`, () => {
      useKernels(kernels);
      const layer = new RotaryEmbedding(8);
      const x = drawn(5, 2, 6, 3, 8).to("float32").transpose(1, 2); // [2, 3, 6, 8]
      const y = layer.forward(x);
      expect(y.toArray()).toEqual(layer.forward(x.contiguous()).toArray());
      expect(y.transpose(1, 2).isContiguous()).toBe(true);
      const part = drawn(6, 2, 6, 16).narrow(2, 8, 8); // rows with gaps
      expect(layer.forward(part).toArray()).toEqual(layer.forward(part.contiguous()).toArray());
      expect(layer.forward(part.flip(-1)).shape).toEqual([2, 6, 8]);
    });
  }

  it("takes empty batches, and any number of dims from two on", () => {
    const layer = new RotaryEmbedding(2);
    expect(layer.forward(zeros([0, 3, 2])).shape).toEqual([0, 3, 2]);
    expect(layer.forward(zeros([2, 0, 2])).shape).toEqual([2, 0, 2]);
    const x = drawn(7, 2, 1, 2, 3, 2);
    expect(layer.forward(x).select(0, 1).toArray()).toEqual(layer.forward(x.select(0, 1)).toArray());
  });

  it("has no parameters, and says what it cannot do", () => {
    const layer = new RotaryEmbedding(4, { maxSeqLen: 8 });
    expect(layer.namedTensors()).toEqual([]);
    expect(String(layer)).toMatchInlineSnapshot(`"RotaryEmbedding(4, base: 10000, maxSeqLen: 8)"`);
    expect(() => new RotaryEmbedding(5)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RotaryEmbedding(5): an odd width — dims are turned in pairs; use an even one]`,
    );
    expect(() => new RotaryEmbedding(4, { base: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RotaryEmbedding(4): base = -1 — a number > 0]`,
    );
    expect(() => layer.forward(zeros([2, 6]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RotaryEmbedding(4): expected input [..., T, 4], got [2, 6]]`,
    );
    expect(() => layer.forward(zeros([9, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RotaryEmbedding(4): positions 0 to 8 of input [9, 4] — positions go from 0 to 7; cut the sequence, or make the layer with a larger maxSeqLen]`,
    );
    expect(() => layer.forward(zeros([1, 4]), { offset: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RotaryEmbedding(4): offset 0.5 — the first position, a whole number ≥ 0]`,
    );
  });
});
