import fc from "fast-check";
import { grad, gradgradcheck, heap, scope } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { type DType, kernelChoice, Random, useKernels } from "../00-runtime/index.ts";

import { fromArray, type Shape, type Tensor } from "../01-tensor/index.ts";
import { composedAttention } from "./composed.ts";
import { scaledDotProductAttention } from "./index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

/** Attention of any size, some of it masked. */
const problems = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    keyHeads: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 3 }),
    keys: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 140 })),
    before: fc.double({ min: 0, max: 1, noNaN: true }),
    width: fc.integer({ min: 1, max: 20 }),
    values: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ before, ...rest }) => ({ ...rest, queries: Math.max(1, Math.ceil(before * rest.keys)) }));
const settings = fc.record({
  causal: fc.boolean(),
  mask: fc.constantFrom("none", "bool", "numbers", "keys", "queries"),
  sideBySide: fc.boolean(),
  seed: fc.nat(10_000),
});

describe("the fused kernel", () => {
  for (const [dtype, kernels] of [
    ["float32", "simd"],
    ["float32", "reference"],
    ["float64", "reference"],
  ] as const) {
    it(`equals attention made of other operations, gradients included (${dtype}, ${kernels})`, () => {
      fc.assert(
        fc.property(problems, settings, (sizes, { causal, mask: kind, sideBySide, seed }) => {
          using _ = scope();
          useKernels(kernels);
          const { batch, keyHeads, group, queries, keys, width, values } = sizes;
          const random = new Random(seed);
          const heads = (count: number, rows: number, cols: number) =>
            headsOf(random, dtype, [batch, count, rows, cols], sideBySide);
          const q = heads(keyHeads * group, queries, width);
          const [k, v] = [heads(keyHeads, keys, width), heads(keyHeads, keys, values)];
          const g = heads(keyHeads * group, queries, values).detach();
          const mask = maskOf(random, dtype, kind, batch, queries, keys);
          const scale = 0.7;
          const fused = scaledDotProductAttention(q, k, v, { mask, causal, scale });
          const composed = composedAttention(q, k, v, { mask, causal, scale });
          const near = dtype === "float64" ? 1e-12 : 2e-5;
          close(fused, composed, near);
          const [a, b] = [fused, composed].map((y) => grad(y, [q, k, v], { gradOutputs: g }));
          a.forEach((gradient, i) => {
            close(gradient, b[i], near * Math.sqrt(keys * group) * 4);
          });
        }),
        { numRuns: dtype === "float32" && kernels === "simd" ? 60 : 15 },
      );
    });
  }

  it("has gradients of gradients", () => {
    const random = new Random(4);
    const [q, k, v] = [4, 2, 2].map((heads) => headsOf(random, "float64", [1, heads, 3, 2], false));
    const f = (q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { causal: true });
    expect(gradgradcheck(f, [q, k, v])).toBe(true);
  });

  it("lets nothing of later keys into a query, to the bit", () => {
    const random = new Random(5);
    const [q, k, v] = [0, 1, 2].map(() => headsOf(random, "float32", [1, 2, 150, 8], false).detach());
    const before = scaledDotProductAttention(q, k, v, { causal: true });
    for (const at of [1, 63, 64, 127, 128, 149]) {
      const [later, other] = [k, v].map((x) => x.clone());
      for (const x of [later, other]) x.narrow(2, at, 150 - at).assign(x.narrow(2, at, 150 - at).mul(-3));
      const after = scaledDotProductAttention(q, later, other, { causal: true });
      expect(after.narrow(2, 0, at).toArray()).toEqual(before.narrow(2, 0, at).toArray());
      expect(after.narrow(2, at, 1).toArray()).not.toEqual(before.narrow(2, at, 1).toArray());
    }
  });

  it("gives the same for a query alone as among all others, as a cache of keys needs it", () => {
    const random = new Random(6);
    const [q, k, v] = [0, 1, 2].map(() => headsOf(random, "float32", [1, 2, 140, 16], false).detach());
    const all = scaledDotProductAttention(q, k, v, { causal: true });
    for (const i of [0, 1, 17, 127, 128, 139]) {
      const [keys, values] = [k, v].map((x) => x.narrow(2, 0, i + 1));
      const one = scaledDotProductAttention(q.narrow(2, i, 1), keys, values, { causal: true });
      close(one, all.narrow(2, i, 1), 1e-5);
    }
  });

  it("is not upset by large scores, nor by a negative or zero scale", () => {
    const random = new Random(7);
    const [q, k, v] = [0, 1, 2].map(() => headsOf(random, "float32", [1, 1, 20, 4], false).detach());
    for (const scale of [300, -300, 0]) {
      const y = scaledDotProductAttention(q, k, v, { scale });
      expect(y.data.every(Number.isFinite)).toBe(true);
      close(y, composedAttention(q, k, v, { mask: null, causal: false, scale }), 1e-4);
    }
  });

  it("takes no keys, no queries, no sequences", () => {
    const empty = (q: Shape, k: Shape) => {
      const [a, b] = [q, k].map((shape) =>
        fromArray(new Float32Array(shape.reduce((p, n) => p * n, 1)), shape),
      );
      a.requiresGrad = true;
      const y = scaledDotProductAttention(a, b, b);
      y.sum().backward();
      return [y.shape, a.grad?.shape];
    };
    expect(empty([2, 3, 4], [2, 0, 4])).toEqual([
      [2, 3, 4],
      [2, 3, 4],
    ]);
    expect(empty([2, 0, 4], [2, 3, 4])).toEqual([
      [2, 0, 4],
      [2, 0, 4],
    ]);
    expect(empty([0, 2, 3, 4], [0, 2, 3, 4])).toEqual([
      [0, 2, 3, 4],
      [0, 2, 3, 4],
    ]);
  });

  it("leaves heads side by side in memory, as it finds them", () => {
    const q = headsOf(new Random(8), "float32", [2, 3, 5, 4], true);
    const y = scaledDotProductAttention(q, q, q);
    expect(y.transpose(1, 2).isContiguous()).toBe(true);
  });

  it("takes memory in proportion to the length, not to its square", () => {
    const [short, long] = [bytesOf(512), bytesOf(1024)];
    expect(long / short).toBeLessThan(2.1);
    expect(long).toBeLessThan(1024 * 4 * 32); // the weights alone would have 16 MB
  });
});

/** Bytes beyond inputs and outputs (gradients included) that forward and backward take at most: 4 heads of 32. */
function bytesOf(length: number): number {
  using _ = scope();
  const [q, k, v] = [0, 1, 2].map((seed) => headsOf(new Random(seed), "float32", [1, 4, length, 32], false));
  const g = headsOf(new Random(3), "float32", [1, 4, length, 32], false).detach();
  heap.resetPeak();
  const before = heap.live;
  scaledDotProductAttention(q, k, v, { causal: true }).backward(g);
  return heap.peak - before - 4 * q.size * 4;
}

/** Heads that want a gradient, one after the other or side by side in memory. */
function headsOf(
  random: Random,
  dtype: DType,
  [batch, heads, rows, cols]: Shape,
  sideBySide: boolean,
): Tensor {
  const numbers = Float64Array.from({ length: batch * heads * rows * cols }, () => random.normal());
  const x = sideBySide
    ? fromArray(numbers, [batch, rows, heads, cols], { dtype }).transpose(1, 2)
    : fromArray(numbers, [batch, heads, rows, cols], { dtype });
  x.requiresGrad = true;
  return x;
}

/** A third of the keys hidden; some queries may see nothing. */
function maskOf(
  random: Random,
  dtype: DType,
  kind: string,
  batch: number,
  queries: number,
  keys: number,
): Tensor | null {
  if (kind === "none") return null;
  const shape = { bool: [queries, keys], numbers: [batch, 1, queries, keys], keys: [batch, 1, 1, keys] }[
    kind
  ] ?? [queries, 1];
  const size = shape.reduce((product, n) => product * n, 1);
  const seen = Array.from({ length: size }, () => random.uniform() > 1 / 3);
  if (kind === "bool" || kind === "keys") return fromArray(seen.map(Number), shape, { dtype: "bool" });
  return fromArray(
    seen.map((isSeen) => (isSeen ? random.normal() : -Infinity)),
    shape,
    { dtype },
  );
}

function close(a: Tensor, b: Tensor, near: number): void {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [a.data, b.data];
  let worst = 0;
  for (let i = 0; i < x.length; i++) worst = Math.max(worst, Math.abs(x[i] - y[i]));
  expect(worst).toBeLessThanOrEqual(near);
}
