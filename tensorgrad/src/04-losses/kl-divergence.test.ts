import { describe, expect, it } from "vitest";
import { type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { logSoftmax, softmax } from "../02-activations/index.ts";
import "tensorgrad";
import { KLDivLoss, klDiv } from "./index.ts";

const { log } = Math;
const float64 = { dtype: "float64" } as const;

describe("klDiv", () => {
  // p = (½, ½) believed to be q = (¼, ¾): ½·ln 2 + ½·ln ⅔ = ½·ln 4/3. The other row is believed as it is.
  const p = tensor(
    [
      [1 / 2, 1 / 2],
      [1 / 4, 3 / 4],
    ],
    float64,
  );
  const x = tensor(
    [
      [log(1 / 4), log(3 / 4)],
      [log(1 / 4), log(3 / 4)],
    ],
    float64,
  );
  const divergence = log(4 / 3) / 2;

  it("is Σ p·ln(p/q), per row with batchmean, per element with mean", () => {
    expect(klDiv(x, p, { reduction: "sum" }).item()).toBeCloseTo(divergence, 15);
    expect(klDiv(x, p, { reduction: "batchmean" }).item()).toBeCloseTo(divergence / 2, 15);
    expect(klDiv(x, p).item()).toBeCloseTo(divergence / 4, 15);
    expect(klDiv(x, p, { reduction: "none" }).shape).toEqual([2, 2]);
    expect(klDiv(tensor(log(0.5), float64), tensor(0.5, float64), { reduction: "batchmean" }).item()).toBe(0);
  });

  it("takes targets as logarithms, too", () => {
    const options = { reduction: "sum", logTarget: true } as const;
    expect(klDiv(x, p.log(), options).item()).toBeCloseTo(divergence, 15);
    expect(String(new KLDivLoss(options))).toBe('KLDivLoss(reduction: "sum", logTarget: true)');
    expect(new KLDivLoss(options).forward(x, p.log()).item()).toBeCloseTo(divergence, 15);
  });

  it("is 0 for what is believed rightly, and never negative over whole distributions", () => {
    const q = softmax(wave([5, 4]));
    expect(Math.abs(klDiv(q.log(), q, { reduction: "sum" }).item())).toBeLessThan(1e-15);
    for (const phase of [1, 2, 3]) {
      const belief = logSoftmax(wave([5, 4], phase).add(1));
      expect(klDiv(belief, q, { reduction: "sum" }).item()).toBeGreaterThan(0);
    }
  });

  it("counts nothing where the target is 0, whatever is believed: value and gradients", () => {
    for (const logTarget of [false, true]) {
      const x = tensor([0, -Infinity, log(0.5)], { ...float64, requiresGrad: true });
      const y = tensor(logTarget ? [0, -Infinity, -Infinity] : [1, 0, 0], { ...float64, requiresGrad: true });
      const loss = klDiv(x, y, { reduction: "sum", logTarget });
      expect(loss.item()).toBe(0);
      loss.backward();
      expect(slopes(x)).toEqual([-1, 0, 0]);
      expect(y.grad?.data.every(Number.isFinite)).toBe(true);
    }
  });

  it("is ∞ where what happens is believed impossible", () => {
    expect(klDiv(tensor([-Infinity]), tensor([0.5])).item()).toBe(Infinity);
  });

  it("has the gradient −p/n", () => {
    const leaf = x.detach().clone();
    leaf.requiresGrad = true;
    klDiv(leaf, p).backward();
    expect(leaf.grad?.toArray()).toEqual(p.div(-4).toArray());
  });

  it("refuses other shapes and targets that are no probabilities", () => {
    expect(() => klDiv(zeros([2, 3]), zeros([3]))).toThrow("klDiv: predictions [2, 3], targets [3]");
    expect(() => klDiv(x, p.log())).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: klDiv: targets must be from 0 to 1, got -0.6931471805599453 at element 0 of [2, 2]; for log-probabilities pass { logTarget: true }]`,
    );
    expect(() => klDiv(tensor([0]), tensor([NaN]))).toThrow("got NaN at element 0");
    const word: unknown = "rows";
    expect(() => klDiv(x, p, { reduction: word as "mean" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: klDiv: reduction = "rows" — "mean", "sum", "batchmean" or "none"]`,
    );
  });
});

function wave(shape: readonly [number, number], phase = 0): Tensor {
  const [n, m] = shape;
  return tensor(
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: m }, (_, j) => Math.sin(phase + 1.7 * (i * m + j))),
    ),
    float64,
  );
}

/** The gradient, with 0 for −0. */
const slopes = ({ grad }: Tensor): number[] => Array.from(grad?.data ?? [], (g) => g + 0);
