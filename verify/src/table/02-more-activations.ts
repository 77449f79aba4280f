import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { activations } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { inMethod, inUnary } from "../mutants/plant.ts";
import { slopesAt, valueAt } from "../references/reference.ts";
import { arithmetic, free, SIGMA, transcendental, typed, unary } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { anywhere, awayFrom, type Domain, offGrid } from "./inputs/domains.ts";

/** Bends at 0 but may come near it: finite differences step around the kink. */
const nearZero = awayFrom(0, 1 / 256);
/** From −6 to 6, and never at a whole number. */
const offEnds: Domain = {
  ...offGrid,
  name: "offEnds",
  values: (n: number) => offGrid.values(n).map((all) => all.map((x) => 2 * x)),
};
const { E } = Math;

type Layer = new () => nn.Activation;

/** Of a layer without settings. */
const fault = (what: string, layer: Layer, wrong: (x: Tensor) => Tensor, ...by: "reference"[]) =>
  inMethod(what, layer.prototype as nn.Activation, "forward", () => wrong, ...by);

/** A row for an activation with settings. */
function drawn<O extends Readonly<Record<string, number>>>(
  options: readonly O[],
  make: (options: O) => nn.Activation,
) {
  return fc.tuple(tensors({ domain: offGrid }), fc.constantFrom(...options)).map(
    ([x, given]): Example => ({
      inputs: [x],
      options: typed(given),
      run: (x) => make(given).forward(x),
      symmetries: "elementwise",
    }),
  );
}

export const title = "More activations";

export const rows: readonly Case[] = [
  unary(
    "logsigmoid",
    [`y = ln σ(x) ${SIGMA}`, `g·σ(−x) ${SIGMA}`],
    anywhere,
    [nn.LogSigmoid],
    (x) => new nn.LogSigmoid().forward(x),
    {
      reference: valueAt((x) => new nn.LogSigmoid().forward(x), 0, -Math.LN2),
      faults: [
        fault("the tail passes nothing on", nn.LogSigmoid, (x) => x.sub(nn.softplus(x).detach())),
        fault("softplus instead", nn.LogSigmoid, nn.softplus, "reference"),
      ],
    },
  ),
  unary(
    "softsign",
    ["y = x/(1 + |x|)", "g/(1 + |x|)²"],
    nearZero,
    [nn.Softsign],
    (x) => new nn.Softsign().forward(x),
    {
      onnx: arithmetic,
      reference: valueAt((x) => new nn.Softsign().forward(x), -3, -0.75),
      faults: [
        fault("what is divided by passes nothing on", nn.Softsign, (x) => x.div(x.abs().add(1).detach())),
        fault("tanh instead", nn.Softsign, nn.tanh, "reference"),
      ],
    },
  ),
  unary(
    "relu6",
    ["y = min(max(x, 0), 6)", "g where (0 < x) ∧ (x < 6), else 0"],
    offEnds,
    [activations.Hardtanh, nn.ReLU6],
    (x) => new nn.ReLU6().forward(x),
    {
      onnx: { ulps: 0 },
      reference: slopesAt((x) => new nn.ReLU6().forward(x), [0, 3, 6, 7], [0, 1, 0, 0]),
      faults: [
        inUnary("gradient leaks on the negative side", activations.Hardtanh, (g, right, x) =>
          x.lt(0).where(g.mul(0.01), right),
        ),
        inUnary(
          "all passes at the bounds",
          activations.Hardtanh,
          (g, right, x) => x.eq(0).logicalOr(x.eq(6)).where(g, right),
          "reference",
        ),
      ],
    },
  ),
  unary(
    "selu",
    [
      "y = 1.0507009873554805·x where x > 0, else 1.0507009873554805·1.6732632423543772·(eˣ − 1)",
      "g·1.0507009873554805 where x > 0, else g·1.0507009873554805·1.6732632423543772·eˣ",
    ],
    nearZero,
    [nn.SELU],
    (x) => new nn.SELU().forward(x),
    {
      onnx: transcendental,
      reference: valueAt(
        (x) => new nn.SELU().forward(x),
        -1,
        1.0507009873554805 * 1.6732632423543772 * (1 / E - 1),
      ),
      faults: [
        fault("not scaled", nn.SELU, (x) => nn.elu(x, { alpha: 1.6732632423543772 }), "reference"),
        fault("nothing passes below 0", nn.SELU, (x) => x.gt(0).where(nn.selu(x), nn.selu(x).detach())),
      ],
    },
  ),
  free(
    "celu",
    ["y = x where x > 0, else alpha·(e^(x/alpha) − 1)", "g where x > 0, else g·e^(x/alpha)"],
    ["x"],
    [nn.CELU],
    drawn([{ alpha: 1 }, { alpha: 0.5 }, { alpha: 3 }], (options) => new nn.CELU(options)),
    {
      onnx: transcendental,
      reference: valueAt((x) => new nn.CELU({ alpha: 2 }).forward(x), -2, 2 * (1 / E - 1)),
      faults: [
        inMethod(
          "elu instead",
          nn.CELU.prototype,
          "forward",
          () =>
            function (this: nn.CELU, x) {
              return nn.elu(x, this);
            },
          "reference",
        ),
      ],
    },
  ),
  unary(
    "hardsigmoid",
    ["y = min(max(x/6 + 1/2, 0), 1)", "g/6 where (−3 < x) ∧ (x < 3), else 0"],
    offEnds,
    [nn.Hardsigmoid],
    (x) => new nn.Hardsigmoid().forward(x),
    {
      onnx: arithmetic,
      reference: slopesAt((x) => new nn.Hardsigmoid().forward(x), [-3, 0, 3], [0, 1 / 6, 0]),
      faults: [
        fault("Keras' slope of 1/5", nn.Hardsigmoid, (x) => x.mul(0.2).add(0.5).clamp(0, 1), "reference"),
        fault("not held", nn.Hardsigmoid, (x) => x.div(6).add(0.5).maximum(0), "reference"),
      ],
    },
  ),
  unary(
    "hardswish",
    ["y = x·min(max(x/6 + 1/2, 0), 1)", "0 where x < −3, g·(x/3 + 1/2) where x ≤ 3, else g"],
    offEnds,
    [nn.Hardswish],
    (x) => new nn.Hardswish().forward(x),
    {
      onnx: arithmetic,
      reference: slopesAt((x) => new nn.Hardswish().forward(x), [-3, 0, 3], [-0.5, 0.5, 1.5]),
      faults: [
        fault("the gate passes nothing on", nn.Hardswish, (x) => x.mul(nn.hardsigmoid(x).detach())),
        fault("silu instead", nn.Hardswish, nn.silu, "reference"),
      ],
    },
  ),
  free(
    "hardtanh",
    ["y = min(max(x, minVal), maxVal)", "g where (minVal < x) ∧ (x < maxVal), else 0"],
    ["x"],
    [nn.Hardtanh],
    drawn(
      [
        { minVal: -1, maxVal: 1 },
        { minVal: 0, maxVal: 2 },
      ],
      (options) => new nn.Hardtanh(options),
    ),
    {
      onnx: { ulps: 0 },
      reference: (random) =>
        slopesAt((x) => new nn.Hardtanh().forward(x), [-1, 0, 1], [0, 1, 0])(random) ??
        valueAt((x) => new nn.Hardtanh({ minVal: 0, maxVal: 2 }).forward(x), 1.5, 1.5)(random),
      faults: [
        inUnary("gradient passes outside", activations.Hardtanh, (g) => g),
        inMethod(
          "bounds forgotten",
          nn.Hardtanh.prototype,
          "forward",
          () => (x) => nn.hardtanh(x),
          "reference",
        ),
      ],
    },
  ),
];
