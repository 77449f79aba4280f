import fc from "fast-check";
import { ones, Random, type Tensor, tensor } from "tensorgrad";
import { layers } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { programExamples } from "../gradients/programs.ts";
import { inBackward, inMethod } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { dims, shapes } from "./inputs/shapes.ts";

const sizes = dims({ minSize: 1, maxSize: 4 });
const product = { onnx: reduction } as const;

/** Runs a module with tensors in place of its parameters, so that they are inputs like any other. */
function withParameters(module: nn.Module, parameters: Readonly<Record<string, Tensor>>, x: Tensor): Tensor {
  return (Object.assign(module, parameters) as nn.Module).forward(x);
}

/** Linear on [..., in], with and without bias. */
function linearLayer(): fc.Arbitrary<Example> {
  return fc
    .tuple(shapes({ maxRank: 2, maxSize: 3 }), sizes, sizes, fc.boolean())
    .chain(([lead, inputs, outputs, bias]) =>
      fc
        .tuple(
          tensors({ shape: [...lead, inputs] }),
          tensors({ shape: [outputs, inputs] }),
          ...(bias ? [tensors({ shape: [outputs] })] : []),
        )
        .map(
          (drawn): Example => ({
            inputs: drawn,
            options: typed({ bias }),
            symmetries: [
              { inputs: [null, 0, 0].slice(0, drawn.length), output: -1 },
              { inputs: [-1, 1, null].slice(0, drawn.length), output: null },
              ...lead.map((_, d) => ({ inputs: [d, null, null].slice(0, drawn.length), output: d })),
            ],
            run: (x, weight, b) =>
              withParameters(
                new nn.Linear(inputs, outputs, { bias }),
                { weight, ...(b ? { bias: b } : {}) },
                x,
              ),
          }),
        ),
    );
}

/** Silenced with the same mask every time: the generator starts at the same seed. */
function dropout(): fc.Arbitrary<Example> {
  return fc.tuple(tensors(), fc.constantFrom(0.5, 0.25, 0), fc.nat(1000)).map(
    ([x, p, seed]): Example => ({
      inputs: [x],
      options: typed({ p }),
      run: (x) => new nn.Dropout(p, { random: new Random(seed) }).forward(x),
    }),
  );
}

/** Two layers and an activation: what a model is. */
function perceptron(): fc.Arbitrary<Example> {
  return fc
    .tuple(
      tensors({ shape: [2, 3] }),
      tensors({ shape: [4, 3] }),
      tensors({ shape: [4] }),
      tensors({ shape: [2, 4] }),
    )
    .map(
      (drawn): Example => ({
        inputs: drawn,
        run: (x, w1, b1, w2) => {
          const first = Object.assign(new nn.Linear(3, 4), { weight: w1, bias: b1 });
          const second = Object.assign(new nn.Linear(4, 2, { bias: false }), { weight: w2 });
          return new nn.Sequential(first, new nn.Tanh(), second).forward(x);
        },
      }),
    );
}

/** A layer beside which its input passes. */
function residual(): fc.Arbitrary<Example> {
  return fc
    .tuple(sizes, sizes)
    .chain(([n, m]) =>
      fc.tuple(tensors({ shape: [n, m] }), tensors({ shape: [m, m] }), tensors({ shape: [m] })),
    )
    .map(
      (drawn): Example => ({
        inputs: drawn,
        run: (x, weight, bias) => {
          const inner = Object.assign(new nn.Linear(0, 0), { weight, bias });
          return new nn.Residual(inner, new nn.Tanh()).forward(x);
        },
      }),
    );
}

/** Every element is 0 or 1/(1 − p), and on average they keep the sum. */
const kept: Reference = (random) => {
  const n = 20_000;
  const y = Array.from(new nn.Dropout(0.25, { random }).forward(ones([n])).data);
  if (!y.every((value) => value === 0 || value === Math.fround(1 / 0.75)))
    return "an element is neither 0 nor 1/(1 − p)";
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(0.25 / 0.75 / n);
  return Math.abs(mean - 1) <= 6 * deviation ? null : `the mean of ones becomes ${mean}`;
};

const besides: Reference = (random) => {
  const values = Array.from({ length: 5 }, () => 3 * random.normal());
  const layers = new nn.Residual(new nn.Tanh(), { forward: (x) => x.mul(3) });
  return differs(
    "Residual",
    layers.forward(tensor(values, { dtype: "float64" })),
    values.map((x) => x + 3 * Math.tanh(x)),
  );
};

export const title = "Layers";

/** Functions without a translation to ONNX, with the reason. */
export const withoutOnnx = {
  DropoutMask: "drawn outside the graph: an exported training step takes its masks as inputs",
};

export const rows: readonly Case[] = [
  free(
    "Linear",
    words("y = x·weightᵀ + bias", "x: g·weight; weight: gᵀ·x; bias: Σ g over rows"),
    ["x", "weight", "bias"],
    [layers.Affine, nn.Linear],
    linearLayer(),
    {
      ...product,
      faults: [
        inBackward("bias gradient is a mean", layers.Affine, ({ g, gradients: [dx, dw, db] }) => [
          dx,
          dw,
          ...(db === undefined ? [] : [db?.div(Math.max(1, g.shape[0])) ?? null]),
        ]),
      ],
    },
  ),
  free(
    "Dropout",
    words("y = x·mask/(1 − p)", "g·mask/(1 − p), with the same mask"),
    ["x"],
    [layers.DropoutMask, nn.Dropout],
    dropout(),
    {
      linear: "jointly",
      reference: kept,
      faults: [
        inMethod(
          "1/(1 − p) forgotten",
          nn.Dropout.prototype,
          "forward",
          (right) =>
            function (this: nn.Dropout, x) {
              return right.call(this, x).mul(1 - this.p);
            },
          "reference",
        ),
        inMethod(
          "another mask on the way back",
          nn.Dropout.prototype,
          "forward",
          (right) =>
            function (this: nn.Dropout, x) {
              const [y, other] = [right.call(this, x), right.call(this, x)];
              return y.detach().add(other.sub(other.detach())); // the value of one, the slope of the other
            },
        ),
      ],
    },
  ),
  free(
    "Sequential",
    words("y = tanh(x·w₁ᵀ + b₁)·w₂ᵀ", "the chain rule, from the last layer to the first"),
    ["x", "weight 1", "bias 1", "weight 2"],
    [nn.Sequential],
    perceptron(),
    product,
  ),
  free(
    "Residual",
    words("y = x + f(x)", "g + f′(x)ᵀ·g"),
    ["x", "weight", "bias"],
    [nn.Residual],
    residual(),
    {
      ...product,
      reference: besides,
      faults: [
        inMethod(
          "x forgotten",
          nn.Residual.prototype,
          "forward",
          () => nn.Sequential.prototype.forward,
          "reference",
        ),
      ],
    },
  ),
  // Five to fifteen operations with fan-out: faults in how gradients meet.
  free(
    "random programs",
    words("y = 5 to 15 random operations with fan-out", "the chain rule; gradients add where paths meet"),
    ["r0", "r1", "r2"],
    [],
    programExamples,
    product,
  ),
];
