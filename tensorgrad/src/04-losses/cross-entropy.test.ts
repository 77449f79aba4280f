import fc from "fast-check";
import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { type DType, kernelChoice, Random, useKernels } from "../00-runtime/index.ts";
import { arange, fromArray, ones, randint, randn, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { roundings } from "../agreement/roundings.ts";
import {
  CrossEntropyLoss,
  type CrossEntropyOptions,
  crossEntropy,
  logSoftmax,
  type Reduction,
} from "./index.ts";

const { log, LN2 } = Math;
const float64 = { dtype: "float64" } as const;

const initial = kernelChoice();
afterEach(() => useKernels(initial));

describe("crossEntropy", () => {
  // Both rows give the classes 1/4 and 3/4; the first is wrong (−ln ¼), the second right (−ln ¾).
  const logits = tensor(
    [
      [0, log(3)],
      [0, log(3)],
    ],
    float64,
  );
  const [wrong, right] = [log(4), log(4 / 3)];
  const targets = tensor([0, 1], { dtype: "int32" });
  const loss = (options: CrossEntropyOptions = {}, t = targets) => crossEntropy(logits, t, options).item();

  it("is the mean surprise −ln p", () => {
    expect(loss()).toBeCloseTo((wrong + right) / 2, 14);
    expect(loss({ reduction: "sum" })).toBeCloseTo(wrong + right, 14);
    expect(distance(crossEntropy(logits, targets, { reduction: "none" }), [wrong, right])).toBeLessThan(
      1e-15,
    );
  });

  it("is ln C for a model that knows nothing", () => {
    for (const C of [1, 2, 10, 1000]) {
      const targets = arange(3)
        .to("float32")
        .mul(C / 4)
        .floor();
      expect(crossEntropy(zeros([3, C]), targets).item()).toBeCloseTo(log(C), 5);
    }
  });

  it("skips rows with ignoreIndex, and divides by those that count", () => {
    expect(loss({ ignoreIndex: 0 })).toBeCloseTo(right, 14);
    expect(loss({}, tensor([0, -100]))).toBeCloseTo(wrong, 14);
    expect(loss({ ignoreIndex: -1, reduction: "sum" }, tensor([-1, -1]))).toBe(0);
    expect(loss({}, tensor([-100, -100]))).toBeNaN(); // the mean of nothing, as in PyTorch
  });

  it("weighs classes, and divides by the weights that took part", () => {
    const weight = tensor([1, 3], float64);
    expect(loss({ weight })).toBeCloseTo((1 * wrong + 3 * right) / (1 + 3), 14);
    expect(loss({ weight, reduction: "sum" })).toBeCloseTo(wrong + 3 * right, 14);
    expect(loss({ weight, ignoreIndex: 1 })).toBeCloseTo(wrong, 14);
  });

  it("smooths labels: half of the target spread over both classes", () => {
    // Row by row: ½·(−ln p_t) + ¼·(−ln ¼ − ln ¾)
    const both = (wrong + right) / 4;
    expect(loss({ labelSmoothing: 0.5 })).toBeCloseTo((wrong / 2 + both + right / 2 + both) / 2, 14);
    expect(loss({ labelSmoothing: 1 })).toBeCloseTo((wrong + right) / 2, 14); // targets no longer matter
    expect(loss({ labelSmoothing: 1 }, tensor([1, 1]))).toBeCloseTo((wrong + right) / 2, 14);
  });

  it("neither overflows nor loses small differences: logits of ±10,000", () => {
    const x = tensor([
      [1e4, 0],
      [1e4, 0],
      [-1e4, -1e4],
    ]);
    const losses = crossEntropy(x, tensor([0, 1, 0]), { reduction: "none" });
    expect(losses.toArray()).toEqual([0, 1e4, Math.fround(LN2)]);
  });

  it("lets classes be masked by −∞, with or without weights", () => {
    const x = tensor([[0, -Infinity, 0]], float64);
    const weight = ones([3], float64);
    for (const options of [{}, { weight }])
      expect(crossEntropy(x, tensor([2]), options).item()).toBeCloseTo(LN2, 14);
    expect(crossEntropy(x, tensor([1])).item()).toBe(Infinity);
  });

  it("takes targets of any dtype and stride, and integer logits", () => {
    const expected = loss({ reduction: "sum" });
    for (const dtype of ["float32", "float64", "int32", "uint8"] as const)
      expect(loss({ reduction: "sum" }, targets.to(dtype))).toBe(expected);
    expect(loss({ reduction: "sum" }, tensor([0, 9, 1, 9]).slice(0, 0, 4, 2))).toBe(expected);
    expect(crossEntropy(zeros([1, 2], { dtype: "int32" }), tensor([0])).item()).toBeCloseTo(LN2, 6);
  });

  it("is an object that keeps its options", () => {
    const options = { weight: tensor([1, 3], float64), labelSmoothing: 0.1, reduction: "sum" } as const;
    expect(new CrossEntropyLoss(options).forward(logits, targets).item()).toBe(loss(options));
    expect(new CrossEntropyLoss().forward(logits, targets).item()).toBe(loss());
    expect(String(new CrossEntropyLoss(options))).toBe(
      'CrossEntropyLoss(weight: Tensor [2] float64, labelSmoothing: 0.1, reduction: "sum")',
    );
  });
});

/** Logits on a grid of 2^-8, targets with ignored rows among them, and every option. */
const problems = fc
  .record({ N: fc.integer({ min: 1, max: 5 }), C: fc.integer({ min: 1, max: 6 }) })
  .chain(({ N, C }) =>
    fc.record({
      logits: grid(N * C, -5, 5).map((values) => fromArray(values, [N, C], float64)),
      targets: fc.array(
        fc.oneof({ weight: 4, arbitrary: fc.nat(C - 1) }, { weight: 1, arbitrary: fc.constant(-7) }),
        {
          minLength: N,
          maxLength: N,
        },
      ),
      weight: fc.option(grid(C, 0.25, 4), { nil: null }),
      labelSmoothing: fc.constantFrom(0, 0.125, 0.5, 1),
      reduction: fc.constantFrom<Reduction>("mean", "sum", "none"),
    }),
  );

describe("crossEntropy with any options", () => {
  for (const [dtype, choice] of [
    ["float64", "reference"],
    ["float32", "reference"],
    ["float32", "simd"],
  ] as const) {
    it(`equals PyTorch's formula (${dtype}, ${choice} kernels)`, () =>
      fc.assert(
        fc.property(problems, ({ logits, targets, weight, ...options }) => {
          useKernels(choice);
          const y = crossEntropy(logits.to(dtype), tensor(targets), {
            ...options,
            ...(weight && { weight: tensor(weight, { dtype }) }),
            ignoreIndex: -7,
          });
          const weights = weight ?? Array(logits.shape[1]).fill(1);
          const [expected, terms] = [surprise, sizeOfSurprise].map((of) =>
            formula(of, logits, targets, weights, options),
          );
          expect(y.dtype).toBe(dtype);
          expect(roundings(y.data, expected, dtype, Math.max(0, ...terms))).toBeLessThan(4);
        }),
      ));
  }

  it("is logSoftmax and a choice of one element per row", () =>
    fc.assert(
      fc.property(problems, ({ logits, targets }) => {
        const classes = targets.map((target) => Math.max(target, 0));
        const oneHot = tensor(classes.map((t) => Array.from({ length: logits.shape[1] }, (_, c) => c === t)));
        const picked = oneHot.where(logSoftmax(logits), 0).sum(1).neg();
        const losses = crossEntropy(logits, tensor(classes), { reduction: "none" });
        expect(roundings(losses.data, picked.data, "float64", 10)).toBeLessThan(4); // x − max is up to 10
      }),
    ));
});

describe("crossEntropy refuses", () => {
  const ten = (row: number, target: number, dtype: DType = "float32") => {
    const targets = Array(32).fill(3);
    targets[row] = target;
    return () => crossEntropy(zeros([32, 10]), tensor(targets, { dtype }));
  };

  it("targets that are no class", () => {
    expect(ten(7, 12, "int32")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: targets must be class indices below 10 for logits [32, 10], got 12 at row 7]`,
    );
    expect(ten(0, 10)).toThrow("got 10 at row 0");
    expect(ten(31, -1)).toThrow("got -1 at row 31");
  });

  it("NaN and fractions as targets", () => {
    expect(ten(2, NaN)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: targets must be class indices below 10 for logits [32, 10], got NaN at row 2]`,
    );
    expect(ten(2, 2.5)).toThrow("got 2.5 at row 2");
    expect(ten(2, Infinity)).toThrow(RangeError);
  });

  it("shapes other than [N, C] and [N]", () => {
    expect(() => crossEntropy(zeros([2, 5, 10]), zeros([2, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: crossEntropy: logits [2, 5, 10], targets [2, 5] — logits are [N, C, …] and targets class indices [N, …], or probabilities: floats of the logits' shape; classes in the last dim: logits.reshape(-1, 10), targets.reshape(-1)]`,
    );
    expect(() => crossEntropy(zeros([2, 3]), zeros([3]))).toThrow("logits [2, 3], targets [3]");
    expect(() => crossEntropy(zeros([2, 3]), zeros([2, 4]))).toThrow("targets class indices [N, …]");
    expect(() => crossEntropy(zeros([3]), zeros([]))).toThrow("logits [3], targets []");
  });

  it("weights that are not one per class", () => {
    const withWeight = (shape: number[]) => () =>
      crossEntropy(zeros([1, 3]), tensor([0]), { weight: ones(shape) });
    expect(withWeight([2])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: crossEntropy: weight [2] for logits [1, 3] — one weight per class, [3]]`,
    );
    expect(withWeight([1])).toThrow("weight [1]");
    expect(withWeight([1, 3])).toThrow("weight [1, 3]");
  });

  it("weights below 0, and reductions that it does not know", () => {
    const options = (options: object) => () => crossEntropy(zeros([1, 2]), tensor([0]), options);
    expect(options({ weight: tensor([1, -1]) })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: weight -1 of class 1 — weights are finite numbers, 0 or more]`,
    );
    expect(options({ reduction: "avg" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: reduction = "avg" — "mean", "sum" or "none"]`,
    );
    expect(options({ reduction: "avg", labelSmoothing: 0.1 })).toThrow('reduction = "avg"');
  });

  it("a labelSmoothing that is no share", () => {
    const smoothed = (labelSmoothing: number) => () =>
      crossEntropy(zeros([1, 3]), tensor([0]), { labelSmoothing });
    expect(smoothed(2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: labelSmoothing = 2 — a share from 0 to 1]`,
    );
    for (const labelSmoothing of [-0.1, NaN]) expect(smoothed(labelSmoothing)).toThrow(RangeError);
  });
});

/**
 * PyTorch's documentation, term by term: l_n = (1 − ε)·w_t·(−ln p_t) + ε/C·Σ_c w_c·(−ln p_c), 0 for ignored rows;
 * "mean" divides Σ l_n by Σ w_t over the rows that count.
 */
function formula(
  of: (x: readonly number[], c: number) => number,
  logits: Tensor,
  targets: readonly number[],
  weight: readonly number[],
  { labelSmoothing, reduction }: { labelSmoothing: number; reduction: Reduction },
): number[] {
  const C = logits.shape[1];
  const losses = targets.map((t, n) => {
    if (t < 0) return 0;
    const row = Array.from(logits.data.subarray(n * C, (n + 1) * C));
    const each = row.map((_, c) => weight[c] * of(row, c));
    const spread = each.reduce((sum, s) => sum + s, 0) / C;
    return (1 - labelSmoothing) * each[t] + labelSmoothing * spread;
  });
  if (reduction === "none") return losses;
  const sum = losses.reduce((a, b) => a + b, 0);
  const counted = targets.reduce((total, t) => total + (t < 0 ? 0 : weight[t]), 0);
  return [reduction === "sum" ? sum : sum / counted];
}

/** −ln p of class c. */
const surprise = (x: readonly number[], c: number): number => logSum(x) - x[c];
/** How large the terms are whose difference it is. */
const sizeOfSurprise = (x: readonly number[], c: number): number => Math.abs(logSum(x)) + Math.abs(x[c]) + 1;
const logSum = (x: readonly number[]): number => log(x.reduce((sum, x) => sum + Math.exp(x), 0));

function grid(length: number, low: number, high: number): fc.Arbitrary<number[]> {
  const number = fc.integer({ min: low * 256, max: high * 256 }).map((n) => n / 256);
  return fc.array(number, { minLength: length, maxLength: length });
}

/** The largest difference; NaN differs from numbers, not from NaN. */
const distance = (y: Tensor, expected: ArrayLike<number>): number =>
  Math.max(
    ...Array.from(y.data, (value, i) => (Object.is(value, expected[i]) ? 0 : Math.abs(value - expected[i]))),
  );

describe("crossEntropy of images, [N, C, H, W]", () => {
  const random = new Random(3);
  const logits = randn([2, 3, 4, 5], { random, dtype: "float64" });
  const targets = randint(0, 3, [2, 4, 5], { random });
  const rows = logits.permute(0, 2, 3, 1).reshape(-1, 3);

  it("is that of their pixels as rows, with all options", () => {
    const weight = tensor([0.5, 2, 1], { dtype: "float64" });
    for (const options of [{}, { weight }, { ignoreIndex: 1 }, { labelSmoothing: 0.1, weight }] as const) {
      const expected = crossEntropy(rows, targets.reshape(-1), options).item();
      expect(crossEntropy(logits, targets, options).item()).toBeCloseTo(expected, 14);
    }
    const each = crossEntropy(logits, targets, { reduction: "none" });
    const flat = crossEntropy(rows, targets.reshape(-1), { reduction: "none" });
    expect(each.toArray()).toEqual(flat.reshape(2, 4, 5).toArray());
  });
});

describe("crossEntropy with probabilities", () => {
  const logits = tensor(
    [
      [1, 2, 3],
      [0, 0, -1],
    ],
    float64,
  );
  const p = tensor(
    [
      [0.2, 0.3, 0.5],
      [1, 0, 0],
    ],
    float64,
  );

  it("is −Σ p·ln softmax, and what PyTorch 1.13 gives with weights and smoothing", () => {
    const weight = tensor([1, 2, 0.5], float64);
    expect(crossEntropy(logits, p).item()).toBeCloseTo(0.9848003842513158, 12);
    expect(crossEntropy(logits, p, { weight, labelSmoothing: 0.1 }).item()).toBeCloseTo(
      1.179551524855503,
      12,
    );
  });

  it("of certainty is that of the class", () => {
    const oneHot = tensor(
      [
        [0, 0, 1],
        [1, 0, 0],
      ],
      float64,
    );
    const classes = tensor([2, 0], { dtype: "int32" });
    expect(crossEntropy(logits, oneHot).item()).toBeCloseTo(crossEntropy(logits, classes).item(), 14);
  });

  it("works on [N, C, d], and lets a class be masked out that is never asked for", () => {
    const shape = logits.t().unsqueeze(0); // [1, 3, 2]
    expect(crossEntropy(shape, p.t().unsqueeze(0), { reduction: "none" }).shape).toEqual([1, 2]);
    expect(crossEntropy(shape, p.t().unsqueeze(0)).item()).toBeCloseTo(crossEntropy(logits, p).item(), 14);
    const masked = tensor([[0, -Infinity]], { requiresGrad: true });
    const loss = crossEntropy(masked, tensor([[1, 0]]));
    expect(loss.item()).toBeCloseTo(0, 6);
    expect(grad(loss, [masked])[0].toArray()).toEqual([[0, 0]]);
  });

  it("refuses what are none, and an index to ignore", () => {
    expect(() => crossEntropy(logits, p.neg())).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: targets must be probabilities, got -0.2 at element 0 of [2, 3]]`,
    );
    expect(() => crossEntropy(logits, p, { ignoreIndex: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: crossEntropy: ignoreIndex = 1 with probabilities [2, 3] as targets — only class indices have one to ignore]`,
    );
    expect(() => crossEntropy(logits.select(0, 0), p.select(0, 0))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: crossEntropy: logits [3] with probabilities as targets — logits are [N, C, …]]`,
    );
    expect(() => crossEntropy(logits, p.to("int32"))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: crossEntropy: logits [2, 3], targets [2, 3] — logits are [N, C, …] and targets class indices [N, …], or probabilities: floats of the logits' shape]`,
    );
  });
});
