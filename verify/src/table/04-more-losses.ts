import fc from "fast-check";
import type { Random } from "tensorgrad";
import { losses } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inMethod } from "../mutants/plant.ts";
import { float64, mean, numbers, type Reference, sum } from "../references/reference.ts";
import { free, paired, reduction, reductions, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { anywhere, awayFrom, between, indicesBelow, positive } from "./inputs/domains.ts";
import { dims, shapes } from "./inputs/shapes.ts";

const inside = between(0.2, 0.8, "inside");
const { exp, log, hypot } = Math;
const options = fc.record({ reduction: reductions });
const HELD = "with d = x − y, c = min(max(d, −beta), beta)";

/** Six numbers and six others. */
const six = (random: Random) => [numbers(random, 6), numbers(random, 6)] as const;

const smooth: Reference = (random) => {
  const [a, b] = six(random);
  const bent = (d: number) => (d < 0.5 ? d * d : d - 0.25);
  const expected = mean(a.map((value, i) => bent(Math.abs(value - b[i]))));
  return differs("smoothL1", new nn.SmoothL1Loss({ beta: 0.5 }).forward(float64(a), float64(b)), [expected]);
};

const cosine: Reference = (random) => {
  const [a, b] = six(random);
  const expected = sum(a.map((value, i) => value * b[i])) / (hypot(...a) * hypot(...b));
  const loss = new nn.CosineSimilarity({ dim: 0 });
  return differs("cosineSimilarity", loss.forward(float64(a), float64(b)), [expected], 1e-10);
};

const poisson: Reference = (random) => {
  const [a] = six(random);
  const counts = a.map(() => random.integer(5));
  const [x, y] = [float64(a), float64(counts)];
  const logarithms = mean(a.map((value, i) => exp(value) - counts[i] * value));
  const expected = mean(a.map((value, i) => exp(value) - counts[i] * log(exp(value) + 1e-8)));
  return (
    differs("poissonNLL", new nn.PoissonNLLLoss().forward(x, y), [logarithms], 1e-10) ??
    differs("of counts", new nn.PoissonNLLLoss({ logInput: false }).forward(x.exp(), y), [expected], 1e-10)
  );
};

const similar = shapes({ minRank: 1, minSize: 1 }).chain((shape) =>
  fc
    .tuple(
      tensors({ shape, domain: awayFrom(0) }),
      tensors({ shape, domain: awayFrom(0) }),
      fc.nat(shape.length - 1),
    )
    .map(
      ([a, b, dim]): Example => ({
        inputs: [a, b],
        options: typed({ dim }),
        run: (a, b) => new nn.CosineSimilarity({ dim }).forward(a, b),
      }),
    ),
);

/** Images of scores, and a class for every pixel. */
const pixels = (
  run: (
    x: Example["inputs"][0],
    targets: Example["inputs"][0],
    reduction: "mean" | "sum" | "none",
  ) => Example["inputs"][0],
) =>
  fc
    .tuple(dims({ minSize: 1 }), fc.integer({ min: 2, max: 4 }), dims({ minSize: 1 }), reductions)
    .chain(([n, classes, d, reduction]) =>
      fc
        .tuple(tensors({ shape: [n, classes, d] }), tensors({ shape: [n, d], domain: indicesBelow(classes) }))
        .map(
          (inputs): Example => ({
            inputs,
            options: typed({ reduction }),
            run: (x, targets) => run(x, targets, reduction),
          }),
        ),
    );

/** Probabilities and scores of one shape [N, C, d], and how much of them is spread. */
const soft = fc
  .tuple(
    dims({ minSize: 1 }),
    fc.integer({ min: 2, max: 4 }),
    dims({ minSize: 1 }),
    fc.record({ reduction: reductions, labelSmoothing: fc.constantFrom(0, 0.25) }),
  )
  .chain(([n, classes, d, given]) =>
    fc.tuple(tensors({ shape: [n, classes, d], domain: inside }), tensors({ shape: [n, classes, d] })).map(
      (inputs): Example => ({
        inputs,
        options: typed(given),
        run: (p, x) => new nn.CrossEntropyLoss(given).forward(x, p),
      }),
    ),
  );

/** Answers, what is predicted of them, and a weight for each. */
const weighted = (
  run: (
    y: Example["inputs"][0],
    x: Example["inputs"][0],
    weight: Example["inputs"][0],
  ) => Example["inputs"][0],
  x = inside,
) =>
  shapes({ minSize: 1 }).chain((shape) =>
    fc
      .tuple(
        tensors({ shape, domain: inside }),
        tensors({ shape, domain: x }),
        tensors({ shape, domain: positive }),
      )
      .map((inputs): Example => ({ inputs, run })),
  );

const ofProbabilities: Reference = (random) => {
  const [a, b] = six(random);
  const p = b.map((value) => value * value);
  const total = sum(a.map(exp));
  const expected = sum(a.map((value, i) => p[i] * (log(total) - value)));
  const [x, y] = [a, p].map((values) => float64(values).reshape(1, 6));
  return differs("crossEntropy", new nn.CrossEntropyLoss().forward(x, y), [expected], 1e-10);
};

export const title = "More losses";

export const rows: readonly Case[] = [
  paired(
    "smoothL1",
    [`loss = mean c·(d − c/2)/beta ${HELD}`, `x: g·c/(beta·n) ${HELD}; y: −g·c/(beta·n) ${HELD}`],
    [anywhere, anywhere],
    [nn.SmoothL1Loss], // Halfway between two numbers of the grid: differences are never β.
    fc.record({ reduction: reductions, beta: fc.constantFrom(0.50048828125, 2.00048828125) }),
    (given) => new nn.SmoothL1Loss(given),
    {
      reference: smooth,
      faults: [
        inMethod(
          "huber instead, not divided by beta",
          nn.SmoothL1Loss.prototype,
          "forward",
          () =>
            function (this: nn.SmoothL1Loss, x, y) {
              return nn.huber(x, y, { delta: this.options.beta ?? 1 });
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "cosineSimilarity",
    words("y = Σ x₁·x₂/(‖x₁‖·‖x₂‖)", "x₁: g·(x₂/‖x₂‖ − y·x₁/‖x₁‖)/‖x₁‖; x₂ likewise"),
    ["x1", "x2"],
    [nn.CosineSimilarity],
    similar,
    {
      onnx: reduction,
      reference: cosine,
      faults: [
        inMethod(
          "divided by one length only",
          nn.CosineSimilarity.prototype,
          "forward",
          () =>
            function (this: nn.CosineSimilarity, a, b) {
              const { dim = 1 } = this.options;
              return a.normalize({ dim }).mul(b).sum(dim);
            },
          "reference",
        ),
      ],
    },
  ),
  paired(
    "poissonNLL",
    ["loss = mean (eˣ − y·x)", "x: g·(eˣ − y)/n; y: −g·x/n"],
    [anywhere, positive],
    [nn.PoissonNLLLoss],
    options,
    (given) => new nn.PoissonNLLLoss(given),
    {
      reference: poisson,
      faults: [
        inMethod(
          "counts taken for their logarithms",
          nn.PoissonNLLLoss.prototype,
          "forward",
          () =>
            function (this: nn.PoissonNLLLoss, x, y) {
              return nn.poissonNLL(x, y, { ...this.options, logInput: true });
            },
          "reference",
        ),
      ],
    },
  ),
  paired(
    "poissonNLL, of counts",
    words(
      "loss = mean x − y·ln(x + ε) + ln y!",
      "x: g·(1 − y/(x + ε))/n; y: g·(ln y + 1/(2·y) − ln(x + ε))/n where y > 1",
    ),
    [positive, between(1.125, 4, "counts")],
    [],
    options,
    (given) => new nn.PoissonNLLLoss({ ...given, logInput: false, full: true }),
  ),
  free(
    "crossEntropy, [N, C, d]",
    words("loss = mean −ln softmax(x)[:, targets]", "g·(softmax(x) − onehot(targets))/n"),
    ["x", "targets"],
    [losses.CrossEntropyRows],
    pixels((x, targets, reduction) => new nn.CrossEntropyLoss({ reduction }).forward(x, targets)),
    { onnx: reduction },
  ),
  free(
    "nll, [N, C, d]",
    words("loss = mean −x[:, targets]", "−g/n at the targets, 0 elsewhere"),
    ["x", "targets"],
    [],
    pixels((x, targets, reduction) => new nn.NLLLoss({ reduction }).forward(x, targets)),
    { onnx: reduction },
  ),
  free(
    "crossEntropy, probabilities",
    words("loss = mean −Σ p·ln softmax(x)", "x: g·(softmax(x)·Σ p − p)/n; p: −g·ln softmax(x)/n"),
    ["p", "x"],
    [],
    soft,
    {
      onnx: reduction,
      reference: ofProbabilities,
      faults: [
        inMethod(
          "the likeliest class alone",
          nn.CrossEntropyLoss.prototype,
          "forward",
          () =>
            function (this: nn.CrossEntropyLoss, x, p) {
              return nn.crossEntropy(x, p.argmax(1), this.options);
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "bce, weighted",
    words("loss = mean −weight·(y·ln x + (1 − y)·ln(1 − x))", "x: g·weight·(x − y)/(x·(1 − x))/n"),
    ["y", "x", "weight"],
    [],
    weighted((y, x, weight) => new nn.BCELoss({ weight }).forward(x, y)),
    { onnx: reduction },
  ),
  free(
    "bceWithLogits, a weight per element",
    words("loss = mean weight·(ln(1 + eˣ) − x·y)", "x: g·weight·(σ(x) − y)/n"),
    ["y", "x", "weight"],
    [],
    weighted((y, x, weight) => new nn.BCEWithLogitsLoss({ weight }).forward(x, y), anywhere),
    { onnx: reduction },
  ),
];
