import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { losses } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, type Extra, free, reduction, transcendental, typed } from "./case.ts";
import { anywhere, between, type Domain, indicesBelow, offGrid } from "./domains.ts";
import { dims, shapes } from "./shapes.ts";

type Options = Readonly<Record<string, unknown>>;
interface Forward {
  forward(x: Tensor, y: Tensor): Tensor;
}

const reductions = fc.constantFrom("mean", "sum", "none" as const);

/** Elements may lie in any order; a loss per element goes along. */
const inAnyOrder = (shape: readonly number[], reduction: unknown) =>
  shape.map((_, d) => ({ inputs: [d, d], output: reduction === "none" ? d : null }));

/** A row for a loss between two tensors of one shape; targets come first, as they are valid predictions everywhere. */
function paired<O extends Options>(
  name: string,
  domains: readonly [predictions: Domain, targets: Domain],
  covers: Case["covers"],
  options: fc.Arbitrary<O>,
  make: (options: O) => Forward,
  extra: Extra = {},
): Case {
  const [x, y] = domains;
  const examples = fc.tuple(shapes({ minSize: 1 }), options).chain(([shape, drawn]) =>
    fc.tuple(tensors({ shape, domain: y }), tensors({ shape, domain: x })).map(
      (inputs): Example => ({
        inputs,
        options: typed(drawn),
        symmetries: inAnyOrder(shape, drawn.reduction),
        run: (y, x) => make(drawn).forward(x, y),
      }),
    ),
  );
  return free(name, ["y", "x"], covers, examples, { onnx: reduction, ...extra });
}

/** So far from 0 and 1 that no finite difference leaves them. */
const inside = between(0.2, 0.8, "inside");
const logarithms = between(-4, -1 / 8, "logarithms");

const divergence = fc.record({ reduction: fc.constantFrom("mean", "sum", "none", "batchmean" as const) });

/** Scores, answers, and a weight per class (the last dim), which is differentiated as well. */
function weightedLogits(): fc.Arbitrary<Example> {
  return fc.tuple(shapes({ minRank: 1, maxRank: 3, minSize: 1 }), reductions).chain(([shape, reduction]) =>
    fc
      .tuple(
        tensors({ shape, domain: inside }),
        tensors({ shape }),
        tensors({ shape: shape.slice(-1), domain: between(0.5, 4) }),
      )
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ reduction }),
          run: (y, x, posWeight) => new nn.BCEWithLogitsLoss({ posWeight, reduction }).forward(x, y),
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

export const moreLosses: Case[] = [
  paired(
    "l1",
    [anywhere, offGrid],
    [nn.L1Loss],
    fc.record({ reduction: reductions }),
    (o) => new nn.L1Loss(o),
  ),
  paired(
    "huber",
    [anywhere, anywhere],
    [nn.HuberLoss],
    // Halfway between two numbers of the grid: differences are never δ.
    fc.record({ reduction: reductions, delta: fc.constantFrom(0.50048828125, 2.00048828125) }),
    (options) => new nn.HuberLoss(options),
  ),
  paired(
    "bce",
    [inside, inside],
    [losses.BinaryCrossEntropy, nn.BCELoss],
    fc.record({ reduction: reductions }),
    (options) => new nn.BCELoss(options),
  ),
  paired(
    "bceWithLogits",
    [anywhere, inside],
    [nn.BCEWithLogitsLoss],
    fc.record({ reduction: reductions }),
    (options) => new nn.BCEWithLogitsLoss(options),
  ),
  free("bceWithLogits, weighted", ["y", "x", "posWeight"], [], weightedLogits(), { onnx: reduction }),
  paired("klDiv", [logarithms, inside], [nn.KLDivLoss], divergence, (o) => new nn.KLDivLoss(o)),
  paired(
    "klDiv, logTarget",
    [logarithms, logarithms],
    [],
    divergence,
    (options) => new nn.KLDivLoss({ ...options, logTarget: true }),
  ),
  free(
    "nll",
    ["x", "targets", "weight"],
    [nn.NLLLoss],
    likelihoods((x, targets, options) => new nn.NLLLoss(options).forward(x, targets), logarithms),
    { onnx: reduction },
  ),
  free(
    "crossEntropy, decomposed",
    ["logits", "targets", "weight"],
    [],
    likelihoods(nn.decomposedCrossEntropy, anywhere),
    { onnx: transcendental },
  ),
];
