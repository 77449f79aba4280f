import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { einsum, full, ones, scope, type Tensor, zeros } from "../src/entries/index.ts";
import { crossEntropy, linear, logSoftmax, softmax } from "../src/entries/nn.ts";
import { clipGradNorm } from "../src/entries/optim.ts";
import { useBlas, useKernels } from "../src/entries/runtime.ts";

useBlas("off");
afterEach(() => useKernels("simd"));

/**
 * One term of 2²⁴ among n ones: a float32 that has met it does not grow by 1 any more. So a sum that is kept in one number
 * (or in the four of a vector) loses all ones after it (or a fourth of them); in runs of at most 2,048, no more than one run.
 */
const LARGE = 2 ** 24;
const RUN = 2048;
const sizes = fc.integer({ min: 1, max: 400_000 });
const places = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function series(n: number, place: number): Tensor {
  const x = ones([n]);
  x.data[Math.floor(place * n)] = LARGE;
  return x;
}

/** The same for exponentials: the largest is 1, the others 2⁻²⁴. */
function logits(n: number, place: number): Tensor {
  const x = full([1, n], -Math.log(LARGE));
  x.data[Math.floor(place * n)] = 0;
  return x;
}

/** Every way to a sum of all of x, times a factor of 1. */
const ways: Record<string, (x: Tensor) => Tensor> = {
  "x.sum()": (x) => x.sum(),
  "x.mean()·n": (x) => x.mean().mul(x.size),
  "x.dot(1)": (x) => x.dot(ones([x.size])),
  "sum of a row": (x) => x.reshape(1, -1).sum(1),
  "sum of columns": (x) =>
    x
      .reshape(-1, 1)
      .mul(ones([1, 5]))
      .sum(0)
      .select(0, 2),
  "sum of a strided row": (x) =>
    x
      .reshape(-1, 1)
      .mul(ones([1, 3]))
      .t()
      .sum(1)
      .select(0, 1),
  "row · column": (x) => x.reshape(1, -1).matmul(ones([x.size, 1])),
  "row · matrix": (x) =>
    x
      .reshape(1, -1)
      .matmul(ones([x.size, 4]))
      .select(1, 1),
  "row · wide matrix": (x) =>
    x
      .reshape(1, -1)
      .matmul(ones([x.size, 37]))
      .select(1, 36),
  "row · transposed matrix": (x) =>
    x
      .reshape(1, -1)
      .matmul(ones([3, x.size]).t())
      .select(1, 1),
  "matrix · column": (x) =>
    x
      .reshape(1, -1)
      .mul(ones([3, 1]))
      .matmul(ones([x.size]))
      .select(0, 1),
  "transposed matrix · column": (x) =>
    x
      .reshape(-1, 1)
      .mul(ones([1, 3]))
      .t()
      .matmul(ones([x.size]))
      .select(0, 1),
  "matrix · matrix": (x) =>
    x
      .reshape(1, -1)
      .mul(ones([5, 1]))
      .matmul(ones([x.size, 6]))
      .select(0, 4)
      .select(0, 5),
  einsum: (x) => einsum("i,i->", x, ones([x.size])),
  linear: (x) => linear(x.reshape(1, -1), ones([1, x.size])),
  "x.cumsum(0), its end": (x) => x.cumsum(0).select(0, x.size - 1),
};

describe.each(["simd", "reference"] as const)("a sum of many terms keeps what is small (%s)", (kernels) => {
  for (const [name, sum] of Object.entries(ways))
    it(name, () => {
      fc.assert(
        fc.property(sizes, places, (n, place) => {
          using _ = scope();
          useKernels(kernels);
          const got = sum(series(n, place)).item();
          expect(Math.abs(got - (LARGE + n - 1))).toBeLessThanOrEqual(RUN + got * 2 ** -22);
        }),
        { numRuns: 15, examples: [[400_000, 0]] },
      );
    });

  const exponentials: Record<string, (x: Tensor) => number> = {
    softmax: (x) => 1 / softmax(x, 1).max().item(),
    logSoftmax: (x) => Math.exp(-logSoftmax(x, 1).max().item()),
    crossEntropy: (x) => Math.exp(crossEntropy(x, x.argmax(1)).item()),
    logSumExp: (x) => Math.exp(x.logSumExp(1).item()),
  };
  for (const [name, sum] of Object.entries(exponentials))
    it(name, () => {
      fc.assert(
        fc.property(sizes, places, (n, place) => {
          using _ = scope();
          useKernels(kernels);
          const got = sum(logits(n, place));
          expect(Math.abs(got - (1 + (n - 1) / LARGE))).toBeLessThanOrEqual(RUN / LARGE + 2 ** -20);
        }),
        { numRuns: 15, examples: [[400_000, 0]] },
      );
    });

  it("the norm of gradients", () => {
    using _ = scope();
    useKernels(kernels);
    const p = zeros([400_000], { requiresGrad: true });
    p.mul(series(400_000, 0).sqrt()).sum().backward();
    expect(clipGradNorm([p], Number.POSITIVE_INFINITY) ** 2).toBeCloseTo(LARGE + 399_999, -1);
  });
});

describe("ones", () => {
  it("add up to their number, 20 million of them", () => {
    using _ = scope();
    const x = ones([2e7]);
    expect(x.dot(x).item()).toBe(2e7);
    expect(x.sum().item()).toBe(2e7);
    expect(x.reshape(1, -1).matmul(x.reshape(-1, 1)).item()).toBe(2e7);
  });
});
