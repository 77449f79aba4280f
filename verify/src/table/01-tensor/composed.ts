import fc from "fast-check";
import { Tensor, tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { differs } from "../../gradients/differs.ts";
import type { Example } from "../../gradients/evaluate.ts";
import { inBackward, inForward, inMethod } from "../../mutants/plant.ts";
import type { Reference } from "../../references/reference.ts";
import { chosen, free, overDim, reduction, transcendental, typed, words, zipped } from "../builders.ts";
import type { Case } from "../case.ts";
import { tensors } from "../inputs/arbitraries.ts";
import { anywhere, awayFrom, between, type Domain, distinct } from "../inputs/domains.ts";
import { dims } from "../inputs/shapes.ts";

/** Numbers beside zeros, where a gradient by division would fail. */
const zeroOften: Domain = {
  name: "zeroOften",
  dtype: "float64",
  values: (count) =>
    fc.array(fc.constantFrom(0, 1, -1.5, 0.5), { minLength: count, maxLength: count, size: "max" }),
};
const lines = { domain: between(-1.5, 1.5), minRank: 1 } as const;
const wide = { dtype: "float64" } as const;

/** Running results of six numbers, one after the other. */
const running =
  (
    what: string,
    run: (x: Tensor) => Tensor,
    next: (before: number, x: number) => number,
    start: number,
  ): Reference =>
  (random) => {
    const values = Array.from({ length: 6 }, () => random.normal());
    let last = start;
    return differs(
      what,
      run(tensor(values, wide)),
      values.map((x) => (last = next(last, x))),
    );
  };

const products = fc
  .tuple(dims({ minSize: 1 }), dims({ minSize: 1 }), dims({ minSize: 1 }))
  .chain(([m, k, n]) =>
    fc
      .tuple(
        fc.constantFrom([m, n], [n], [1, 1]).chain((shape) => tensors({ shape })),
        tensors({ shape: [m, k] }),
        tensors({ shape: [k, n] }),
        fc.record({ beta: fc.constantFrom(1, 0.5), alpha: fc.constantFrom(1, -2) }),
      )
      .map(
        ([x, a, b, options]): Example => ({
          inputs: [x, a, b],
          options: typed(options),
          run: (x, a, b) => x.addmm(a, b, options),
        }),
      ),
  );

/** Both ways to write it, from either end. */
const weights = between(-0.5, 1.5, "weights");

export const title = "Running products, mixtures";

export const rows: readonly Case[] = [
  overDim(
    "cumprod",
    words("y[j] = Π x[k] over k ≤ j", "Σ g[k]·y[k]/x[j] over k ≥ j, found without a division"),
    lines,
    [ops.Recurrence],
    (x, dim) => x.cumprod(dim),
    {
      onnx: reduction,
      reference: running(
        "cumprod",
        (x) => x.cumprod(0),
        (y, x) => y * x,
        1,
      ),
      faults: [
        inBackward("the factors' gradient forgets the start", ops.Recurrence, ({ gradients: [dg, da] }) => [
          dg?.mul(0.5) ?? null,
          da,
        ]),
        inForward("a running sum", ops.Recurrence, (_, [, a]) => a.cumsum(0), "reference"),
      ],
    },
  ),
  chosen(
    "cumprod with zeros",
    words(
      "y[j] = Π x[k] over k ≤ j, where some x are 0",
      "Σ g[k] times the product of the others, over k ≥ j",
    ),
    { domain: zeroOften, minRank: 1 },
    [ops.Recurrence],
    (shape) =>
      fc.nat(shape.length - 1).map((dim) => ({ options: typed({ dim }), run: (x) => x.cumprod(dim) })),
    { onnx: reduction },
  ),
  // Its shift by the largest so far would count ties as kinks, although the result has none.
  overDim(
    "logcumsumexp",
    words("y[j] = ln Σ e^(x[k]) over k ≤ j", "Σ g[k]·e^(x[j] − y[k]) over k ≥ j"),
    { domain: distinct, minRank: 1, minSize: 1 },
    [ops.Recurrence],
    (x, dim) => x.logcumsumexp(dim),
    {
      onnx: transcendental,
      reference: running(
        "logcumsumexp",
        (x) => x.logcumsumexp(0),
        (y, x) => Math.log(Math.exp(y) + Math.exp(x)),
        -Infinity,
      ),
      faults: [
        inBackward("terms that came before get nothing", ops.Recurrence, ({ g, gradients: [, da] }) => [
          g,
          da,
        ]),
        inForward(
          "the sums of all but the first",
          ops.Recurrence,
          (right, [g]) => right.sub(g.mul(0.5)),
          "reference",
        ),
      ],
    },
  ),
  zipped(
    "lerp",
    words("y = a + c·(b − a)", "a: g·(1 − c); b: g·c; c: g·(b − a)"),
    [anywhere, anywhere, weights],
    [],
    (a, b, c) => a.lerp(b, c),
    {
      reference: (random) => {
        const [a, b] = [random.normal(), random.normal()];
        const at = (w: number) => tensor([a], wide).lerp(tensor([b], wide), w);
        return (
          differs("lerp at ¼", at(0.25), [0.75 * a + 0.25 * b]) ??
          differs("lerp at 0.9", at(0.9), [0.1 * a + 0.9 * b])
        );
      },
      faults: [
        inMethod(
          "from the other end",
          Tensor.prototype,
          "lerp",
          (right) =>
            function (this: Tensor, end, weight) {
              return right.call(end as Tensor, this, weight);
            },
          "reference",
        ),
      ],
    },
  ),
  zipped(
    "addcmul",
    ["y = a − 2·b·c", "a: g; b: −2·g·c; c: −2·g·b — summed over dims that were stretched"],
    [anywhere, anywhere, anywhere],
    [],
    (a, b, c) => a.addcmul(b, c, { value: -2 }),
  ),
  free(
    "addmm",
    words("y = beta·x + alpha·(a·b)", "x: beta·g; a: alpha·g·bᵀ; b: alpha·aᵀ·g"),
    ["x", "a", "b"],
    [],
    products,
    { onnx: reduction },
  ),
  overDim(
    "normalize",
    words("y = x/√(Σ x²)", "(g − y·Σ g·y)/√(Σ x²)"),
    { domain: awayFrom(0), minRank: 1, minSize: 1 },
    [],
    (x, dim) => x.normalize({ dim }),
    {
      onnx: reduction,
      reference: () => differs("normalize", tensor([[3, 4]], wide).normalize(), [0.6, 0.8]),
      faults: [
        inMethod(
          "divided by the square",
          Tensor.prototype,
          "normalize",
          () =>
            function (this: Tensor, { dim = 1 } = {}) {
              return this.div(this.square().sum(dim, { keepDim: true }));
            },
          "reference",
        ),
      ],
    },
  ),
];
