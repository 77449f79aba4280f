import fc from "fast-check";
import type { Random } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inForward, inMethod, inUnary } from "../mutants/plant.ts";
import { float64, mean, numbers, type Reference } from "../references/reference.ts";
import { free, paired, reduction, reductions, typed } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { anywhere, offGrid } from "./inputs/domains.ts";
import { shapes } from "./inputs/shapes.ts";

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

/** Six predictions and targets, and how far they are apart. */
function sixPairs(random: Random) {
  const [a, b] = [numbers(random, 6), numbers(random, 6)];
  return { x: float64(a), y: float64(b), d: a.map((value, i) => Math.abs(value - b[i])) };
}

const l1: Reference = (random) => {
  const { x, y, d } = sixPairs(random);
  return differs("l1", new nn.L1Loss().forward(x, y), [mean(d)]);
};

const squared: Reference = (random) => {
  const { x, y, d } = sixPairs(random);
  return differs("mse", nn.mse(x, y), [mean(d.map((d) => d * d))]);
};

const huber: Reference = (random) => {
  const { x, y, d } = sixPairs(random);
  const bent = (delta: number) => d.map((d) => (d <= delta ? (d * d) / 2 : delta * (d - delta / 2)));
  return (
    differs("huber", new nn.HuberLoss().forward(x, y), [mean(bent(1))]) ??
    differs("huber with delta ½", new nn.HuberLoss({ delta: 0.5 }).forward(x, y), [mean(bent(0.5))])
  );
};

const HELD = "with d = x − y, c = min(max(d, −delta), delta)";

export const title = "Losses";

export const rows: readonly Case[] = [
  free(
    "mse",
    ["loss = mean (x − y)²", "x: 2·g·(x − y)/n; y: −2·g·(x − y)/n"],
    ["x", "y"],
    [nn.MSELoss],
    meanSquares(),
    { onnx: reduction, reference: squared },
  ),
  paired(
    "l1",
    ["loss = mean |x − y|", "x: g·sign(x − y)/n; y: −g·sign(x − y)/n"],
    [anywhere, offGrid],
    [nn.L1Loss],
    fc.record({ reduction: reductions }),
    (o) => new nn.L1Loss(o),
    {
      reference: l1,
      faults: [
        inUnary("slope ½", ops.Abs, (_, right) => right.mul(0.5)),
        inMethod(
          "squared",
          nn.L1Loss.prototype,
          "forward",
          () =>
            function (this: nn.L1Loss, x, y) {
              return nn.mse(x, y, this.options);
            },
          "reference",
        ),
      ],
    },
  ),
  paired(
    "huber",
    [`loss = mean c·(d − c/2) ${HELD}`, `x: g·c/n ${HELD}; y: −g·c/n ${HELD}`],
    [anywhere, anywhere],
    [nn.HuberLoss], // Halfway between two numbers of the grid: differences are never δ.
    fc.record({ reduction: reductions, delta: fc.constantFrom(0.50048828125, 2.00048828125) }),
    (options) => new nn.HuberLoss(options),
    {
      reference: huber,
      faults: [
        inUnary("the slope goes on growing beyond delta", ops.Clamp, (g) => g),
        inForward("delta forgotten", ops.Clamp, (_, [d]) => d.mul(1), "reference"),
      ],
    },
  ),
];
