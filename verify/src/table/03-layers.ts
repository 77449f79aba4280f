import fc from "fast-check";
import { Random, type Tensor } from "tensorgrad";
import { layers, losses, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example, Symmetry } from "../gradients/evaluate.ts";
import { programExamples } from "../gradients/programs.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, free, reduction, typed } from "./case.ts";
import { indicesBelow, positive } from "./domains.ts";
import { broadcastableShapes, dims, shapes } from "./shapes.ts";

const sizes = dims({ minSize: 1, maxSize: 4 });
const product = { onnx: reduction } as const;

// ———————————————————————————————————————————————————————————————————————————————————————————————————————— products

export const products: Case[] = [
  free("matmul", ["a", "b"], [ops.MatMul], batchedPair(), { ...product, linear: "each" }),
  free("bmm", ["a", "b"], [], batches(), { ...product, linear: "each" }),
  free(
    "dot",
    ["a", "b"],
    [],
    vectors(
      (k) => [k, k],
      (a, b) => a.dot(b),
    ),
    { ...product, linear: "each" },
  ),
  free(
    "outer",
    ["a", "b"],
    [],
    vectors(
      (k, n) => [k, n],
      (a, b) => a.outer(b),
    ),
    { linear: "each" },
  ),
  free("matmul of a vector", ["a", "b"], [ops.MatMul], vectorPair(), { ...product, linear: "each" }),
];

/** Two batches of matrices whose leading dims broadcast. */
function batchedPair(): fc.Arbitrary<Example> {
  const inner = fc.tuple(dims({ maxSize: 4 }), dims({ maxSize: 4 }), dims({ maxSize: 4 }));
  return fc
    .tuple(broadcastableShapes(2, { maxRank: 2, maxSize: 3, maxElements: 4 }), inner)
    .chain(([batch, [m, k, n]]) =>
      fc
        .tuple(tensors({ shape: [...batch[0], m, k] }), tensors({ shape: [...batch[1], k, n] }))
        .map((inputs): Example => ({ inputs, run: (a, b) => a.matmul(b), symmetries: matrices })),
    );
}

/** Rows of the left and columns of the right go along; what is summed over may lie in any order. */
const matrices: readonly Symmetry[] = [
  { inputs: [-2, null], output: -2 },
  { inputs: [null, -1], output: -1 },
  { inputs: [-1, -2], output: null },
];

/** Equally many matrices on both sides. */
function batches(): fc.Arbitrary<Example> {
  return fc.tuple(sizes, sizes, sizes, sizes).chain(([count, m, k, n]) =>
    fc.tuple(tensors({ shape: [count, m, k] }), tensors({ shape: [count, k, n] })).map(
      (inputs): Example => ({
        inputs,
        run: (a, b) => a.bmm(b),
        symmetries: [...matrices, { inputs: [0, 0], output: 0 }],
      }),
    ),
  );
}

/** Two vectors. */
function vectors(
  lengths: (k: number, n: number) => [number, number],
  run: (a: Tensor, b: Tensor) => Tensor,
): fc.Arbitrary<Example> {
  return fc.tuple(sizes, sizes).chain(([k, n]) => {
    const [left, right] = lengths(k, n);
    return fc
      .tuple(tensors({ shape: [left] }), tensors({ shape: [right] }))
      .map((inputs): Example => ({ inputs, run: (a, b) => run(a, b) }));
  });
}

/** One operand with a single dim: a row on the left, a column on the right. */
function vectorPair(): fc.Arbitrary<Example> {
  return fc.tuple(sizes, sizes, fc.boolean(), fc.boolean()).chain(([k, n, left, both]) => {
    const other = both ? [k] : left ? [k, n] : [n, k];
    const [a, b] = left ? [[k], other] : [other, [k]];
    return fc
      .tuple(tensors({ shape: a }), tensors({ shape: b }))
      .map((inputs): Example => ({ inputs, run: (a, b) => a.matmul(b) }));
  });
}

// —————————————————————————————————————————————————————————————————————————————————————————————————————————— layers

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

/** Two layers and a bend: what a model is. */
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

export const layerRows: Case[] = [
  free("Linear", ["x", "weight", "bias"], [layers.Affine, nn.Linear], linearLayer(), product),
  free("Dropout", ["x"], [layers.DropoutMask, nn.Dropout], dropout(), { linear: "jointly" }),
  free("Sequential", ["x", "weight 1", "bias 1", "weight 2"], [nn.Sequential], perceptron(), product),
  free("Residual", ["x", "weight", "bias"], [nn.Residual], residual(), product),
  // Five to fifteen operations with fan-out: faults in how gradients meet.
  free("random programs", ["r0", "r1", "r2"], [], programExamples, product),
];

// —————————————————————————————————————————————————————————————————————————————————————————————————————————— losses

const reductions = fc.constantFrom("mean", "sum", "none" as const);

function meanSquares(): fc.Arbitrary<Example> {
  return fc.tuple(shapes({ minSize: 1 }), reductions).chain(([shape, reduction]) =>
    fc.tuple(tensors({ shape }), tensors({ shape })).map(
      (inputs): Example => ({
        inputs,
        options: typed({ reduction }),
        symmetries: shape.map((_, d) => ({ inputs: [d, d], output: reduction === "none" ? d : null })),
        run: (x, y) => new nn.MSELoss({ reduction }).forward(x, y),
      }),
    ),
  );
}

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

export const lossRows: Case[] = [
  free("mse", ["x", "y"], [nn.MSELoss], meanSquares(), product),
  free(
    "crossEntropy",
    ["logits", "targets"],
    [losses.CrossEntropyRows, nn.CrossEntropyLoss],
    crossEntropy(),
    product,
  ),
  free("crossEntropy, weighted", ["logits", "weight", "targets"], [], weightedCrossEntropy(), product),
];
