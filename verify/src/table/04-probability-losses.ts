import fc from "fast-check";
import { type Random, tensor } from "tensorgrad";
import { losses, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward, inMethod, inUnary } from "../mutants/plant.ts";
import { float64, mean, numbers, type Reference } from "../references/reference.ts";
import { free, paired, reduction, reductions, SIGMA, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { anywhere, between } from "./inputs/domains.ts";
import { shapes } from "./inputs/shapes.ts";

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

const { exp, log } = Math;

/** Six scores and answers, and what they cost with a weight on the answer yes. */
function sixAnswers(random: Random) {
  const scores = numbers(random, 6);
  const answers = scores.map(() => random.uniform());
  const p = scores.map((x) => 1 / (1 + exp(-x)));
  const cost = (w: number) => p.map((p, i) => -w * answers[i] * log(p) - (1 - answers[i]) * log(1 - p));
  return { x: float64(scores), y: float64(answers), p: float64(p), cost };
}

const binary: Reference = (random) => {
  const { p, y, cost } = sixAnswers(random);
  return differs("bce", new nn.BCELoss().forward(p, y), [mean(cost(1))], 1e-10);
};

const binaryOfScores: Reference = (random) => {
  const { x, y, cost } = sixAnswers(random);
  const weighted = new nn.BCEWithLogitsLoss({ posWeight: 3 }).forward(x, y);
  return (
    differs("bceWithLogits", new nn.BCEWithLogitsLoss().forward(x, y), [mean(cost(1))], 1e-10) ??
    differs("bceWithLogits with posWeight 3", weighted, [mean(cost(3))], 1e-10)
  );
};

/** Two rows, three classes. */
const divergences: Reference = (random) => {
  const p = [0.2, 0.5, 0.3];
  const q = [0, 1].map(() => normalized(numbers(random, 3).map(exp)));
  const each = q.map((row) => row.reduce((sum, q, c) => sum + p[c] * log(p[c] / q), 0));
  const x = tensor(
    q.map((row) => row.map(log)),
    { dtype: "float64" },
  );
  const loss = new nn.KLDivLoss({ reduction: "batchmean" });
  return differs("klDiv", loss.forward(x, tensor([p, p], { dtype: "float64" })), [mean(each)], 1e-10);
};

const normalized = (values: readonly number[]): number[] => {
  const total = values.reduce((a, b) => a + b);
  return values.map((value) => value / total);
};

const { BinaryCrossEntropy } = losses;

export const title = "Losses over probabilities";

export const rows: readonly Case[] = [
  paired(
    "bce",
    ["loss = mean −(y·ln x + (1 − y)·ln(1 − x))", "x: g·(x − y)/(x·(1 − x))/n; y: g·(ln(1 − x) − ln x)/n"],
    [inside, inside],
    [losses.BinaryCrossEntropy, nn.BCELoss],
    fc.record({ reduction: reductions }),
    (options) => new nn.BCELoss(options),
    {
      reference: binary,
      faults: [
        inBackward("p·(1 − p) forgotten", BinaryCrossEntropy, ({ g, inputs: [p, y], gradients }) => [
          g.mul(p.sub(y)),
          gradients[1],
        ]),
        inBackward("targets get the gradient of the other class", BinaryCrossEntropy, ({ gradients }) => [
          gradients[0],
          gradients[1]?.neg() ?? null,
        ]),
        inForward(
          "only the answer yes counts",
          BinaryCrossEntropy,
          (_, [p, y]) => y.mul(p.log().neg()),
          "reference",
        ),
      ],
    },
  ),
  paired(
    "bceWithLogits",
    ["loss = mean (ln(1 + eˣ) − x·y)", `x: g·(σ(x) − y)/n ${SIGMA}; y: −g·x/n`],
    [anywhere, inside],
    [nn.BCEWithLogitsLoss],
    fc.record({ reduction: reductions }),
    (options) => new nn.BCEWithLogitsLoss(options),
    {
      reference: binaryOfScores,
      faults: [
        inMethod(
          "posWeight on both answers",
          nn.BCEWithLogitsLoss.prototype,
          "forward",
          (right) =>
            function (this: nn.BCEWithLogitsLoss, x, y) {
              const { posWeight = 1 } = this.options;
              return right.call({ options: {} } as nn.BCEWithLogitsLoss, x, y).mul(posWeight);
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "bceWithLogits, weighted",
    words(
      "loss = mean posWeight·y·ln(1 + e⁻ˣ) + (1 − y)·ln(1 + eˣ)",
      "x: g·((1 − y)·σ(x) − posWeight·y·σ(−x))/n",
    ),
    ["y", "x", "posWeight"],
    [],
    weightedLogits(),
    { onnx: reduction },
  ),
  paired(
    "klDiv",
    ["loss = mean (y·(ln y − x))", "x: −g·y/n; y: g·(ln y + 1 − x)/n"],
    [logarithms, inside],
    [nn.KLDivLoss],
    divergence,
    (o) => new nn.KLDivLoss(o),
    {
      reference: divergences,
      faults: [
        inMethod(
          "batchmean divides by all elements",
          nn.KLDivLoss.prototype,
          "forward",
          () =>
            function (this: nn.KLDivLoss, x, y) {
              return nn.klDiv(x, y, { ...this.options, reduction: "mean" });
            },
          "reference",
        ),
        inUnary("the logarithm passes nothing on", ops.Log, (g) => g.mul(0)),
      ],
    },
  ),
  paired(
    "klDiv, logTarget",
    ["loss = mean (e^(y)·(y − x))", "x: −g·e^(y)/n; y: g·e^(y)·(y + 1 − x)/n"],
    [logarithms, logarithms],
    [],
    divergence,
    (options) => new nn.KLDivLoss({ ...options, logTarget: true }),
  ),
];
