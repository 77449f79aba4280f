import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { softmax } from "../../src/02-activations/index.ts";
import { type CrossEntropyOptions, crossEntropy } from "../../src/04-losses/index.ts";
import { differences, distance, leaf, wave } from "../gradients.fixture.ts";

const float64 = { dtype: "float64" } as const;

/** Rows 0 and 2 count, row 1 does not. */
const logits = wave([3, 4], 1);
const targets = tensor([2, -100, 0]);

const variants: Record<string, CrossEntropyOptions> = {
  mean: {},
  sum: { reduction: "sum" },
  none: { reduction: "none" },
  "class weights": { weight: tensor([0.5, 1, 2, 3], float64) },
  "label smoothing": { labelSmoothing: 0.25 },
  "class weights, label smoothing, none": {
    weight: tensor([0.5, 1, 2, 3], float64),
    labelSmoothing: 0.25,
    reduction: "none",
  },
};

describe("the gradient of crossEntropy", () => {
  it("is what was predicted minus what was true, over N", () => {
    const number = fc.integer({ min: -1024, max: 1024 }).map((n) => n / 256);
    const row = fc.tuple(fc.array(number, { minLength: 4, maxLength: 4 }), fc.nat(3));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
        const x = tensor(
          rows.map(([x]) => x),
          { ...float64, requiresGrad: true },
        );
        const N = rows.length;
        crossEntropy(x, tensor(rows.map(([, target]) => target))).backward();
        const oneHot = tensor(
          rows.map(([, target]) => [0, 1, 2, 3].map((c) => Number(c === target))),
          float64,
        );
        expect(distance(x.grad as Tensor, softmax(x).sub(oneHot).div(N).data)).toBeLessThan(1e-15);
      }),
    );
  });

  it("is (−¾, ¾) by hand: p = (¼, ¾), and the first class is true", () => {
    const x = tensor([[0, Math.log(3)]], { ...float64, requiresGrad: true });
    crossEntropy(x, tensor([0]), { reduction: "sum" }).backward();
    expect(distance(x.grad as Tensor, [-0.75, 0.75])).toBeLessThan(1e-15);
  });

  for (const [name, options] of Object.entries(variants)) {
    describe(`with ${name}`, () => {
      const f = (x: Tensor) => crossEntropy(x, targets, options);
      const v = wave(f(logits).shape, 5);

      it("is the slope, by backward and by a recorded grad", () => {
        const x = leaf(logits);
        f(x).backward(v);
        const [recorded] = grad(f(x), [x], { gradOutputs: v, createGraph: true });
        const slopes = differences((x) => f(x).mul(v).sum().item(), logits);
        expect(distance(x.grad as Tensor, slopes)).toBeLessThan(1e-9);
        expect(distance(x.grad as Tensor, recorded.data)).toBeLessThan(1e-15);
      });

      it("has a gradient in turn, symmetric in its two directions", () => {
        const [x, g] = [leaf(logits), leaf(v)];
        const along = (u: Tensor, x: Tensor, g: Tensor) =>
          grad(f(x), [x], { gradOutputs: g, createGraph: true })[0].mul(u).sum();
        const [p, q] = [wave(x.shape, 2), wave(x.shape, 3)];
        const [hp, jp] = grad(along(p, x, g), [x, g]);
        const [hq] = grad(along(q, x, g), [x, g]);
        expect(hp.mul(q).sum().item()).toBeCloseTo(hq.mul(p).sum().item(), 13);
        expect(
          distance(
            hp,
            differences((x) => along(p, leaf(x), g).item(), logits),
          ),
        ).toBeLessThan(1e-8);
        expect(
          distance(
            jp,
            differences((g) => along(p, x, g).item(), v),
          ),
        ).toBeLessThan(1e-8);
      });

      it("leaves ignored rows alone", () => {
        const x = leaf(logits);
        f(x).sum().backward();
        expect(x.grad?.select(0, 1).abs().toArray()).toEqual([0, 0, 0, 0]);
      });

      it("is the same in float32 up to rounding, from logits of any strides", () => {
        const [x, x32] = [leaf(logits), leaf(logits.to("float32").t().contiguous())];
        const options32 = { ...options, ...(options.weight && { weight: options.weight.to("float32") }) };
        f(x).sum().backward();
        crossEntropy(x32.t(), targets, options32).sum().backward();
        expect(distance((x32.grad as Tensor).t(), (x.grad as Tensor).data)).toBeLessThan(1e-6);
      });
    });
  }

  it("has the Hessian diag(p) − ppᵀ", () => {
    const x = leaf(wave([1, 3], 1));
    const p = [...softmax(x).data];
    const [g] = grad(crossEntropy(x, tensor([1])), [x], { createGraph: true });
    const hessian = p.map((_, i) => [...grad(g.select(1, i), [x], { retainGraph: true })[0].data]);
    p.forEach((pi, i) => {
      p.forEach((pj, j) => {
        expect(hessian[i][j]).toBeCloseTo((i === j ? pi : 0) - pi * pj, 15);
      });
    });
  });
});
