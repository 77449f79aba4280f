import fc from "fast-check";
import { cat, fromArray, type Tensor, tensor } from "tensorgrad";
import { losses, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward, inMethod } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { free, reduction, reductions, transcendental, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { anywhere, between, type Domain, indicesBelow, positive } from "./inputs/domains.ts";
import { dims } from "./inputs/shapes.ts";

const sizes = dims({ minSize: 1, maxSize: 4 });
const product = { onnx: reduction } as const;
const logarithms = between(-4, -1 / 8, "logarithms");

/** Logits and labels; some rows ignored, sometimes smoothed and weighted per class. */
function crossEntropy(): fc.Arbitrary<Example> {
  const options = fc.record({ reduction: reductions, labelSmoothing: fc.constantFrom(0, 0, 0.25) });
  return fc
    .tuple(sizes, fc.integer({ min: 2, max: 5 }), options, fc.boolean())
    .chain(([n, classes, drawn, ignores]) => {
      const ignoreIndex = ignores && n > 1 ? 0 : -100;
      // The last row always counts: the mean of no row is not a number.
      const labels = tensors({ shape: [n], domain: indicesBelow(classes), layout: "contiguous" }).map(
        (targets) => {
          if (ignoreIndex === 0) targets.data[n - 1] = 1;
          return targets;
        },
      );
      return fc.tuple(tensors({ shape: [n, classes] }), labels).map(
        (inputs): Example => ({
          inputs,
          options: typed({ ...drawn, ignoreIndex }),
          symmetries: [{ inputs: [0, 0], output: drawn.reduction === "none" ? 0 : null }],
          run: (x, targets) => new nn.CrossEntropyLoss({ ...drawn, ignoreIndex }).forward(x, targets),
        }),
      );
    });
}

/** A weight per class: an input as well, but one that is not differentiated here. */
function weightedCrossEntropy(): fc.Arbitrary<Example> {
  return fc.tuple(sizes, fc.integer({ min: 2, max: 5 })).chain(([n, classes]) =>
    fc
      .tuple(
        tensors({ shape: [n, classes] }),
        tensors({ shape: [classes], domain: positive }),
        tensors({ shape: [n], domain: indicesBelow(classes) }),
      )
      .map(
        (inputs): Example => ({
          inputs,
          symmetries: [{ inputs: [0, null, 0], output: null }],
          run: (x, weight, targets) => nn.crossEntropy(x, targets, { weight }),
        }),
      ),
  );
}

/** Log-probabilities and labels, some rows ignored, with and without a weight per class. */
function likelihoods(
  run: (x: Tensor, targets: Tensor, options: nn.NLLOptions) => Tensor,
  domain: Domain,
): fc.Arbitrary<Example> {
  const drawn = fc.record({ reduction: reductions, ignores: fc.boolean(), weighs: fc.boolean() });
  const size = dims({ minSize: 1, maxSize: 4 });
  return fc
    .tuple(size, fc.integer({ min: 2, max: 5 }), drawn)
    .chain(([n, classes, { reduction, ignores, weighs }]) => {
      const ignoreIndex = ignores && n > 1 ? 0 : -100;
      // The last row always counts: the mean of no row is not a number.
      const labels = tensors({ shape: [n], domain: indicesBelow(classes), layout: "contiguous" }).map(
        (targets) => {
          if (ignoreIndex === 0) targets.data[n - 1] = 1;
          return targets;
        },
      );
      const weights = weighs ? [tensors({ shape: [classes], domain: between(0.5, 4) })] : [];
      return fc.tuple(tensors({ shape: [n, classes], domain }), labels, ...weights).map(
        (inputs): Example => ({
          inputs,
          options: typed({ reduction, ignoreIndex }),
          symmetries: [
            { inputs: [0, 0, ...weights.map(() => null)], output: reduction === "none" ? 0 : null },
          ],
          run: (x, targets, weight) =>
            run(x, targets, { reduction, ignoreIndex, ...(weight ? { weight } : {}) }),
        }),
      );
    });
}

/** Equal scores for C classes surprise by ln C; the mean is over rows. */
const surprise: Reference = (random) => {
  const [n, classes] = [2 + random.integer(4), 2 + random.integer(5)];
  const x = fromArray(
    Float64Array.from({ length: n * classes }, () => random.normal()),
    [n, classes],
  );
  const targets = Array.from({ length: n }, () => random.integer(classes));
  const row = (i: number) => Array.from(x.data.slice(i * classes, (i + 1) * classes));
  const losses = targets.map((target, i) => {
    const total = row(i).reduce((sum, value) => sum + Math.exp(value), 0);
    return Math.log(total) - row(i)[target];
  });
  const mean = losses.reduce((a, b) => a + b) / n;
  const equal = nn.crossEntropy(x.mul(0), tensor(targets, { dtype: "int32" }));
  return (
    differs("crossEntropy", nn.crossEntropy(x, tensor(targets, { dtype: "int32" })), [mean]) ??
    differs("crossEntropy of equal scores", equal, [Math.log(classes)])
  );
};

/** Two rows of three classes, whose weights differ; of no two the sum is 2. */
const likelihood: Reference = (random) => {
  const weight = [3, 2, 4];
  const targets = [random.integer(3), random.integer(3)];
  const x = targets.map(() => weight.map(() => -3 * random.uniform()));
  const losses = targets.map((t, n) => -weight[t] * x[n][t]);
  const total = targets.reduce((sum, t) => sum + weight[t], 0);
  const loss = new nn.NLLLoss({ weight: tensor(weight, { dtype: "float64" }) });
  const found = loss.forward(tensor(x, { dtype: "float64" }), tensor(targets, { dtype: "int32" }));
  return differs("nll", found, [(losses[0] + losses[1]) / total], 1e-10);
};

export const title = "Losses over classes";

export const rows: readonly Case[] = [
  free(
    "crossEntropy",
    words(
      "loss = mean over rows of −ln softmax(logits)[target]",
      "logits: g·(softmax(logits) − onehot(targets))/N",
    ),
    ["logits", "targets"],
    [losses.CrossEntropyRows, nn.CrossEntropyLoss],
    crossEntropy(),
    {
      ...product,
      reference: surprise,
      faults: [
        inForward(
          "in bits, not nats",
          losses.CrossEntropyRows,
          (right) => right.mul(Math.LOG2E),
          "reference",
        ),
        inBackward("1/N forgotten", losses.CrossEntropyRows, ({ g, gradients: [dx] }) => [
          dx?.mul(g.size) ?? null,
          null,
        ]),
        inBackward("target's −1 forgotten", losses.CrossEntropyRows, ({ g, inputs: [x] }) => {
          const e = x.exp();
          return [e.div(e.sum(-1, { keepDim: true })).mul(g.unsqueeze(1)), null];
        }),
      ],
    },
  ),
  free(
    "crossEntropy, weighted",
    words(
      "loss = Σ w[target]·(−ln softmax(logits)[target]) / Σ w[target]",
      "logits: g·w[target]·(softmax(logits) − onehot(targets))/Σ w[target]",
    ),
    ["logits", "weight", "targets"],
    [],
    weightedCrossEntropy(),
    product,
  ),
  free(
    "crossEntropy, decomposed",
    words(
      "loss = mean over rows of −ln p[target], p = softmax(logits)",
      "logits: g·(softmax(logits) − onehot(targets))/N",
    ),
    ["logits", "targets", "weight"],
    [],
    likelihoods(nn.decomposedCrossEntropy, anywhere),
    { onnx: transcendental },
  ),
  free(
    "nll",
    words("loss = Σ w[target]·(−x[target]) / Σ w[target]", "x: −g·w[target]/Σ w[target] at the target"),
    ["x", "targets", "weight"],
    [nn.NLLLoss],
    likelihoods((x, targets, options) => new nn.NLLLoss(options).forward(x, targets), logarithms),
    {
      onnx: reduction,
      reference: likelihood,
      faults: [
        inBackward("gradient at the class before the target", ops.Gather, ({ gradients: [dx] }) => [
          dx &&
            (dx.rank === 2 && dx.shape[1] > 1
              ? cat([dx.narrow(1, 1, dx.shape[1] - 1), dx.narrow(1, 0, 1)], 1)
              : dx),
          null,
        ]),
        inMethod(
          "divided by the rows instead of their weights",
          nn.NLLLoss.prototype,
          "forward",
          () =>
            function (this: nn.NLLLoss, x, targets) {
              return nn.nll(x, targets, { ...this.options, reduction: "sum" }).div(x.shape[0]);
            },
          "reference",
        ),
      ],
    },
  ),
];
