import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { fromArray, ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { logSoftmax } from "../02-activations/index.ts";
import { roundings } from "../agreement/roundings.ts";
import {
  crossEntropy,
  decomposedCrossEntropy,
  NLLLoss,
  type NLLOptions,
  nll,
  type Reduction,
} from "./index.ts";

const { log } = Math;
const float64 = { dtype: "float64" } as const;
const none = { reduction: "none" } as const;

describe("nll", () => {
  // Both rows give the classes ¼ and ¾; the first is wrong (−ln ¼), the second right (−ln ¾).
  const x = tensor(
    [
      [log(1 / 4), log(3 / 4)],
      [log(1 / 4), log(3 / 4)],
    ],
    float64,
  );
  const targets = tensor([0, 1], { dtype: "int32" });
  const [wrong, right] = [log(4), log(4 / 3)];
  const loss = (options: NLLOptions = {}, t = targets) => nll(x, t, options).item();

  it("is the mean of −x at the targets", () => {
    expect(nll(x, targets, none).toArray()).toEqual([-log(1 / 4), -log(3 / 4)]);
    expect(loss()).toBeCloseTo((wrong + right) / 2, 15);
    expect(loss({ reduction: "sum" })).toBeCloseTo(wrong + right, 15);
  });

  it("skips rows with ignoreIndex, and divides by those that count", () => {
    expect(loss({ ignoreIndex: 0 })).toBeCloseTo(right, 15);
    expect(loss({}, tensor([0, -100]))).toBeCloseTo(wrong, 15);
    expect(loss({ ignoreIndex: -1, reduction: "sum" }, tensor([-1, -1]))).toBe(0);
    expect(loss({}, tensor([-100, -100]))).toBeNaN(); // the mean of nothing, as in PyTorch
  });

  it("weighs classes, and divides by the weights that took part", () => {
    const weight = tensor([1, 3], float64);
    expect(loss({ weight })).toBeCloseTo((wrong + 3 * right) / 4, 14);
    expect(loss({ weight, reduction: "sum" })).toBeCloseTo(wrong + 3 * right, 14);
    expect(loss({ weight, ignoreIndex: 1 })).toBeCloseTo(wrong, 14);
  });

  it("has the gradient −w/Σw at the targets, and 0 elsewhere", () => {
    const leaf = x.detach().clone();
    leaf.requiresGrad = true;
    nll(leaf, targets, { weight: tensor([1, 3], float64) }).backward();
    expect(slopes(leaf)).toEqual([-0.25, 0, 0, -0.75]);
  });

  it("does not look at what is not chosen: −∞ and NaN there change nothing", () => {
    const masked = tensor([[-1, -Infinity, NaN]], { ...float64, requiresGrad: true });
    const value = nll(masked, tensor([0]));
    value.backward();
    expect([value.item(), ...(masked.grad?.data ?? [])].map((g) => g + 0)).toEqual([1, -1, 0, 0]);
  });

  it("refuses targets that are no class, other shapes, and weights that do not fit", () => {
    expect(() => nll(zeros([2, 3]), tensor([0, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: nll: targets must be class indices below 3 for log-probabilities [2, 3], got 3 at row 1]`,
    );
    for (const target of [-1, 0.5, NaN])
      expect(() => nll(zeros([1, 3]), tensor([target]))).toThrow(RangeError);
    expect(() => nll(zeros([2, 5, 3]), zeros([2, 5]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: nll: log-probabilities [2, 5, 3], targets [2, 5] — log-probabilities are [N, C, …] and targets class indices [N, …]; classes in the last dim: x.reshape(-1, 3), targets.reshape(-1)]`,
    );
    expect(() => nll(zeros([2, 3]), zeros([2]), { weight: ones([2]) })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: nll: weight [2] for log-probabilities [2, 3] — one weight per class, [3]]`,
    );
    expect(() =>
      nll(zeros([2, 3]), zeros([2]), { weight: tensor([1, -1, 1]) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: nll: weight -1 of class 1 — weights are finite numbers, 0 or more]`,
    );
    const list: unknown = [0];
    expect(() => nll(zeros([1, 3]), list as Tensor)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: nll: targets are a list — expected a tensor; make one with tensor(…)]`,
    );
  });

  it("is an object that keeps its options and prints them", () => {
    const options = { weight: tensor([1, 3], float64), ignoreIndex: 1 };
    expect(new NLLLoss(options).forward(x, targets).item()).toBe(loss(options));
    expect(String(new NLLLoss(options))).toBe("NLLLoss(weight: Tensor [2] float64, ignoreIndex: 1)");
  });
});

describe("decomposedCrossEntropy", () => {
  const problems = fc
    .record({ N: fc.integer({ min: 1, max: 5 }), C: fc.integer({ min: 1, max: 6 }) })
    .chain(({ N, C }) =>
      fc.record({
        logits: grid(N * C, -5, 5).map((values) => fromArray(values, [N, C], float64)),
        targets: fc.array(fc.oneof({ weight: 4, arbitrary: fc.nat(C - 1) }, fc.constant(-7)), {
          minLength: N,
          maxLength: N,
        }),
        weight: fc.option(grid(C, 0.25, 4), { nil: undefined }),
        reduction: fc.constantFrom<Reduction>("mean", "sum", "none"),
      }),
    );

  it("equals the fused one in value and gradient, with every option", () =>
    fc.assert(
      fc.property(problems, ({ logits, targets, weight, reduction }) => {
        const options = { reduction, ignoreIndex: -7, ...(weight && { weight: tensor(weight, float64) }) };
        const [fused, steps] = [crossEntropy, decomposedCrossEntropy].map((loss) => {
          const x = logits.detach().clone();
          x.requiresGrad = true;
          const y = loss(x, tensor(targets), options);
          const [g] = grad(y.sum(), [x]);
          return [...y.data, ...g.data];
        });
        // Differences of up to 10 between logits, times a weight, in every row.
        const terms = 10 * Math.max(1, ...(weight ?? [])) * targets.length;
        expect(roundings(steps, fused, "float64", terms)).toBeLessThan(4);
      }),
    ));

  it("equals logSoftmax and nll, in two steps", () => {
    const x = tensor([[1, 2, 4]], float64);
    const two = nll(logSoftmax(x), tensor([1])).item();
    expect(two).toBeCloseTo(crossEntropy(x, tensor([1])).item(), 15);
  });

  it("fails where a probability rounds to 0, and the fused one does not: logits 1000 apart", () => {
    const results = [crossEntropy, decomposedCrossEntropy].map((loss) => {
      const x = tensor([[1000, 0]], { requiresGrad: true });
      const y = loss(x, tensor([1]));
      y.backward();
      return { loss: y.item(), gradient: x.grad?.toArray() };
    });
    expect(results).toEqual([
      { loss: 1000, gradient: [[1, -1]] },
      { loss: Infinity, gradient: [[NaN, NaN]] },
    ]);
  });

  it("fails from a distance of 88 on in float32, of 746 in float64; near that it loses digits", () => {
    const at = (distance: number, dtype: "float32" | "float64") =>
      decomposedCrossEntropy(tensor([[distance, 0]], { dtype }), tensor([1])).item();
    // The kernels in float32 give 0 where a probability would be subnormal.
    expect([at(88, "float32"), at(746, "float64")]).toEqual([Infinity, Infinity]);
    expect([at(87, "float32"), at(745, "float64")].every(Number.isFinite)).toBe(true);
    expect(Math.abs(at(745, "float64") - 745)).toBeGreaterThan(0.01); // the probability is subnormal
  });
});

function grid(length: number, low: number, high: number): fc.Arbitrary<number[]> {
  const number = fc.integer({ min: low * 256, max: high * 256 }).map((n) => n / 256);
  return fc.array(number, { minLength: length, maxLength: length });
}

/** The gradient, with 0 for −0. */
const slopes = ({ grad }: Tensor): number[] => Array.from(grad?.data ?? [], (g) => g + 0);

describe("nll of images, [N, C, d…]", () => {
  it("is that of their pixels as rows, with all options", () => {
    const x = logSoftmax(
      fromArray(
        Float64Array.from({ length: 24 }, (_, i) => Math.sin(7 * i)),
        [2, 3, 4],
      ),
      1,
    );
    const targets = tensor(
      [
        [0, 1, 2, 2],
        [1, 1, 0, 2],
      ],
      { dtype: "int32" },
    );
    const [rows, classes] = [x.transpose(1, 2).reshape(-1, 3), targets.reshape(-1)];
    const weight = tensor([1, 2, 3], float64);
    for (const options of [{}, { weight }, { ignoreIndex: 1 }] as const)
      expect(nll(x, targets, options).item()).toBeCloseTo(nll(rows, classes, options).item(), 14);
    expect(nll(x, targets, none).toArray()).toEqual(nll(rows, classes, none).reshape(2, 4).toArray());
  });
});
