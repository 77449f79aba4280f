import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { sigmoid } from "../02-activations/index.ts";
import { roundings } from "../agreement/roundings.ts";
import { BCELoss, BCEWithLogitsLoss, bce, bceWithLogits } from "./index.ts";

const { log, log1p, exp } = Math;
const float64 = { dtype: "float64" } as const;
const none = { reduction: "none" } as const;

// ln 3 means odds of 3 to 1: σ(ln 3) = ¾. The first answer is right (−ln ¾), the second wrong (−ln ¼).
const [right, wrong] = [log(4 / 3), log(4)];
const p = tensor([0.75, 0.75], float64);
const scores = tensor([log(3), log(3)], float64);
const y = tensor([1, 0], float64);

describe("bce", () => {
  it("is the mean surprise at yes-or-no answers", () => {
    expect(distance(bce(p, y, none).data, [right, wrong])).toBeLessThan(1e-15);
    expect(bce(p, y).item()).toBeCloseTo((right + wrong) / 2, 14);
    expect(bce(p, y, { reduction: "sum" }).item()).toBeCloseTo(right + wrong, 14);
    expect(bce(p, tensor([0.5, 0.5], float64)).item()).toBeCloseTo((right + wrong) / 2, 14);
  });

  it("has the gradient (p − y)/(p·(1 − p))/n: −4/3 and 4 by hand, halved", () => {
    const leaf = tensor([0.75, 0.75], { ...float64, requiresGrad: true });
    bce(leaf, y).backward();
    expect(distance(leaf.grad?.data ?? [], [-2 / 3, 2])).toBeLessThan(1e-15);
  });

  it("counts certainty as 100 nats at most, and its gradient stays finite, as in PyTorch", () => {
    const leaf = tensor([0, 1, 0, 1], { ...float64, requiresGrad: true });
    const losses = bce(leaf, tensor([1, 0, 0, 1], float64), none);
    expect(losses.toArray()).toEqual([100, 100, 0, 0]);
    losses.sum().backward();
    expect(slopes(leaf)).toEqual([-1e12, 1e12, 0, 0]);
  });

  it("keeps the digits of small probabilities", () => {
    expect(bce(tensor([1e-12], float64), tensor([0], float64)).item()).toBe(-log1p(-1e-12));
    expect(bce(tensor([1e-12]), tensor([0])).item()).toBe(Math.fround(1e-12));
  });

  it("takes labels of any dtype", () => {
    for (const dtype of ["int32", "uint8", "bool"] as const)
      expect(bce(p, tensor([1, 0]).to(dtype)).item()).toBe(bce(p, y).item());
  });

  it("refuses what is no probability, and labels that are none", () => {
    expect(() => bce(tensor([0.5, 1.2]), ones([2]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bce: predictions must be from 0 to 1, got 1.2000000476837158 at element 1 of [2]; from raw scores use bceWithLogits]`,
    );
    for (const given of [-0.1, NaN, Infinity])
      expect(() => bce(tensor([given]), ones([1]))).toThrow(`got ${given === -0.1 ? "-0.1" : given}`);
    expect(() => bce(tensor([0.5, 0.5]), tensor([1, -1]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bce: targets must be from 0 to 1, got -1 at element 1 of [2]; labels −1 and 1 become 0 and 1 by y.add(1).div(2)]`,
    );
    expect(() => bce(zeros([32, 1]), zeros([32]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: bce: predictions [32, 1], targets [32] — shapes must be equal; reshape one of them]`,
    );
  });
});

describe("bceWithLogits", () => {
  it("is bce after the sigmoid, in value and gradient", () => {
    expect(distance(bceWithLogits(scores, y, none).data, [right, wrong])).toBeLessThan(1e-15);
    const number = fc.integer({ min: -2048, max: 2048 }).map((n) => n / 256);
    const share = fc.integer({ min: 0, max: 16 }).map((n) => n / 16);
    fc.assert(
      fc.property(fc.array(fc.tuple(number, share), { minLength: 1, maxLength: 6 }), (rows) => {
        const answers = tensor(
          rows.map(([, y]) => y),
          float64,
        );
        const [a, b] = [0, 1].map(() =>
          tensor(
            rows.map(([x]) => x),
            { ...float64, requiresGrad: true },
          ),
        );
        const [direct, inSteps] = [bceWithLogits(a, answers), bce(sigmoid(b), answers)];
        // A probability near 1 is known to eps, and so 1 − p to eps·eˣ of itself.
        const known = Math.max(...rows.map(([x]) => exp(Math.abs(x))));
        expect(roundings(inSteps.data, direct.data, "float64", known)).toBeLessThan(4);
        const [g] = grad(direct, [a]);
        const [h] = grad(inSteps, [b]);
        expect(roundings(h.data, g.data, "float64", known)).toBeLessThan(4);
        expect(distance(g.data, sigmoid(a).sub(answers).div(rows.length).data)).toBeLessThan(1e-15);
      }),
    );
  });

  it("is exact where a sigmoid rounds to 0 or 1: scores of ±1000, in value and gradient", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const x = tensor([1000, -1000, 1000, -1000], { dtype, requiresGrad: true });
      const losses = bceWithLogits(x, tensor([0, 1, 1, 0], { dtype }), none);
      expect(losses.toArray()).toEqual([1000, 1000, 0, 0]);
      losses.sum().backward();
      expect(slopes(x)).toEqual([1, -1, 0, 0]);
    }
    // bce sees the probability 0 only and stops at 100 nats.
    expect(bce(sigmoid(tensor([-1000])), ones([1])).item()).toBe(100);
  });

  it("loses nothing of a small surprise: ln(1 + e⁻³⁰), where PyTorch's max(x, 0) − x·y + … gives 0", () => {
    expect(bceWithLogits(tensor([30], float64), ones([1], float64)).item()).toBe(log1p(exp(-30)));
    expect(bceWithLogits(tensor([-30], float64), zeros([1], float64)).item()).toBe(log1p(exp(-30)));
  });

  it("weighs a missed yes by posWeight: a number, or one per class", () => {
    const sum = { reduction: "sum" } as const;
    expect(bceWithLogits(scores, y, { posWeight: 5, ...sum }).item()).toBeCloseTo(5 * right + wrong, 14);
    const two = scores.reshape(1, 2).expand(3, 2);
    const weighted = bceWithLogits(two, ones([3, 2], float64), {
      posWeight: tensor([2, 3], float64),
      ...sum,
    });
    expect(weighted.item()).toBeCloseTo(3 * (2 + 3) * right, 13);
    expect(bceWithLogits(scores, y, { posWeight: 0, ...sum }).item()).toBeCloseTo(wrong, 14);
  });

  it("refuses weights that do not fit, and labels that are none", () => {
    const weight = (posWeight: number[] | number) => () =>
      bceWithLogits(scores, y, { posWeight: typeof posWeight === "number" ? posWeight : tensor(posWeight) });
    expect(weight([1, 2, 3])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: bceWithLogits: posWeight [3] for scores [2] — it must broadcast to them: one weight per class]`,
    );
    expect(weight([1, -2])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bceWithLogits: posWeight = -2 — a finite number, 0 or more]`,
    );
    expect(weight(NaN)).toThrow("posWeight = NaN");
    expect(() => bceWithLogits(scores, tensor([2, 0]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bceWithLogits: targets must be from 0 to 1, got 2 at element 0 of [2]; labels −1 and 1 become 0 and 1 by y.add(1).div(2)]`,
    );
    expect(() => bceWithLogits(zeros([2, 1]), zeros([2]))).toThrow("predictions [2, 1], targets [2]");
  });
});

describe("binary losses as objects", () => {
  it("keep their options and print them", () => {
    expect(new BCELoss({ reduction: "sum" }).forward(p, y).item()).toBeCloseTo(right + wrong, 14);
    const loss = new BCEWithLogitsLoss({ posWeight: tensor([2, 2], float64), reduction: "sum" });
    expect(loss.forward(scores, y).item()).toBeCloseTo(2 * right + wrong, 14);
    expect([new BCELoss(), loss].map(String)).toEqual([
      "BCELoss()",
      'BCEWithLogitsLoss(posWeight: Tensor [2] float64, reduction: "sum")',
    ]);
  });
});

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(b, (value, i) => Math.abs(a[i] - value)));

/** The gradient, with 0 for −0. */
const slopes = ({ grad }: Tensor): number[] => Array.from(grad?.data ?? [], (g) => g + 0);

describe("a weight per element", () => {
  const weight = tensor([2, 3], float64);

  it("multiplies losses; the mean divides by elements (numbers of PyTorch 1.13)", () => {
    const [p, y] = [tensor([0.2, 0.9], float64), tensor([1, 0], float64)];
    expect(bce(p, y, { weight }).item()).toBeCloseTo(5.063315551925169, 12);
    const posWeight = tensor([4, 1], float64);
    expect(bceWithLogits(p, y, { weight, posWeight }).item()).toBeCloseTo(4.254286289624499, 12);
    expect(bce(p, y, { weight: 2 }).item()).toBeCloseTo(2 * bce(p, y).item(), 14);
  });

  it("is refused if it does not broadcast, or is negative", () => {
    expect(() => bce(p, y, { weight: ones([3]) })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: bce: weight [3] for predictions [2] — it must broadcast to them: one weight per class]`,
    );
    expect(() => bceWithLogits(scores, y, { weight: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bceWithLogits: weight = -1 — a finite number, 0 or more]`,
    );
  });
});
