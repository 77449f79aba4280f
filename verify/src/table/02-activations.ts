import fc from "fast-check";
import { type Tensor, tensor } from "tensorgrad";
import { activations, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { isRecording } from "tensorgrad/runtime";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward, inMethod, inUnary } from "../mutants/plant.ts";
import { type Reference, slopesAt, valueAt } from "../references/reference.ts";
import { arithmetic, type Extra, exact, free, SIGMA, transcendental, typed, unary } from "./builders.ts";
import type { Case, Formula } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { anywhere, awayFrom, type Domain } from "./inputs/domains.ts";

/** Bends at 0 but may come near it: finite differences step around the kink. */
const nearZero = awayFrom(0, 1 / 256);
/** x·(1 + erf …)/2 for negative x: ONNX Runtime loses digits where 1 and erf cancel; our kernels have a bound of their own. */
const cancelling = {
  ulps: 2048,
  why: "ONNX Runtime cancels 1 against erf or tanh for negative x; ours stays within 4 ULP",
} as const;
const { Elu, LeakyRelu, ReluSquared, Softplus } = activations;

type Numbers = Readonly<Record<string, number>>;

/** A row for an activation, with one of these lists of options. */
function rowOf<O extends Numbers>(
  name: string,
  formula: Formula,
  domain: Domain,
  covers: Case["covers"],
  options: readonly O[],
  make: (options: O) => nn.Activation,
  extra: Extra = {},
): Case {
  const examples = fc.tuple(tensors({ domain }), fc.constantFrom(...options)).map(
    ([x, drawn]): Example => ({
      inputs: [x],
      options: typed(drawn),
      run: (x) => make(drawn).forward(x),
      symmetries: "elementwise",
    }),
  );
  return free(name, formula, ["x"], covers, examples, { onnx: transcendental, ...extra });
}

/** A threshold between the numbers of the domain: at the jump itself there is no slope. */
const threshold = 1.23456;

/** The function and its definition, number by number. */
const numberwise =
  (what: string, run: (x: Tensor) => Tensor, f: (x: number) => number): Reference =>
  (random) => {
    const values = [...Array.from({ length: 8 }, () => 3 * random.normal()), 0, -40, 40];
    return differs(what, run(tensor(values, { dtype: "float64" })), values.map(f));
  };

const { exp, expm1, log } = Math;

/** Both settings: the threshold, and β beside it. */
const softplus: Reference = (random) => {
  const soft = (beta: number) => (x: number) => (beta * x > 20 ? x : log(1 + exp(beta * x)) / beta);
  return (
    numberwise("softplus", (x) => nn.softplus(x), soft(1))(random) ??
    numberwise("softplus with beta 3", (x) => nn.softplus(x, { beta: 3 }), soft(3))(random)
  );
};

interface Settings {
  readonly settings: readonly number[];
}

const GAUSS = "with Φ(x) = (1 + erf(x/√2))/2, φ(x) = e^(−x²/2)/√(2·π)";
const CUBE = "with u = √(2/π)·(x + 0.044715·x³), u′ = √(2/π)·(1 + 3·0.044715·x²)";

export const title = "Activations";

export const rows: readonly Case[] = [
  unary(
    "relu",
    ["y = max(x, 0)", "g where x > 0, else 0"],
    nearZero,
    [ops.Relu, nn.ReLU],
    (x) => new nn.ReLU().forward(x),
    {
      onnx: exact,
      reference: slopesAt((x) => x.relu(), [0, 1, -1], [0, 1, 0]),
      faults: [
        inBackward("slope 1 at 0", ops.Relu, ({ g, inputs: [x] }) => [x.ge(0).where(g, 0)], "reference"),
        inUnary("gradient leaks on the negative side", ops.Relu, (g, right, x) =>
          x.lt(0).where(g.mul(0.01), right),
        ),
      ],
    },
  ),
  unary(
    "sigmoid",
    [`y = σ(x) ${SIGMA}`, "g·y·(1 − y)"],
    anywhere,
    [ops.Sigmoid, nn.Sigmoid],
    (x) => new nn.Sigmoid().forward(x),
    {
      reference: valueAt((x) => x.sigmoid(), 1, 0.7310585786300049),
      faults: [
        inUnary("y instead of y·(1 − y)", ops.Sigmoid, (g, _, x) => g.mul(x.sigmoid())),
        inUnary("wrong only while gradients are recorded", ops.Sigmoid, (_, right) =>
          isRecording() ? right.mul(1.001) : right,
        ),
      ],
    },
  ),
  unary(
    "tanh",
    ["y = tanh x", "g·(1 − y²)"],
    anywhere,
    [ops.Tanh, nn.Tanh],
    (x) => new nn.Tanh().forward(x),
    {
      reference: valueAt((x) => x.tanh(), 1, 0.7615941559557649),
      faults: [
        inUnary("gradient off by a factor 1 + 1e-4", ops.Tanh, (_, right) => right.mul(1 + 1e-4)),
        inUnary("gradient off by a factor 1 + 1e-8", ops.Tanh, (_, right) => right.mul(1 + 1e-8)),
        inUnary("wrong only while gradients are not recorded", ops.Tanh, (_, right) =>
          isRecording() ? right : right.mul(1 + 1e-10),
        ),
      ],
    },
  ),
  unary(
    "silu",
    [`y = x·σ(x) ${SIGMA}`, `g·σ(x)·(1 + x·(1 − σ(x))) ${SIGMA}`],
    anywhere,
    [ops.Silu, nn.SiLU],
    (x) => new nn.SiLU().forward(x),
    {
      reference: valueAt((x) => x.silu(), 1, 0.7310585786300049),
      faults: [inUnary("x·σ′ forgotten", ops.Silu, (g, _, x) => g.mul(x.sigmoid()))],
    },
  ),
  unary(
    "mish",
    ["y = x·tanh(ln(1 + eˣ))", `g·(t + x·(1 − t²)·s) with t = tanh(ln(1 + eˣ)), s = 1/(1 + e⁻ˣ)`],
    anywhere,
    [nn.Mish],
    (x) => new nn.Mish().forward(x),
    {
      reference: valueAt((x) => new nn.Mish().forward(x), Math.LN2, 0.8 * Math.LN2),
      faults: [
        inMethod(
          "the tail passes nothing on",
          nn.Mish.prototype,
          "forward",
          () => (x) => x.mul(nn.softplus(x).tanh().detach()),
        ),
        inMethod("silu instead", nn.Mish.prototype, "forward", () => nn.silu, "reference"),
      ],
    },
  ),
  unary(
    "gelu",
    [`y = x·Φ(x) ${GAUSS}`, `g·(Φ(x) + x·φ(x)) ${GAUSS}`],
    anywhere,
    [ops.Gelu, nn.GELU],
    (x) => new nn.GELU().forward(x),
    {
      onnx: cancelling,
      reference: valueAt((x) => x.gelu(), 1, 0.8413447460685429),
      faults: [
        inForward("tanh's approximation where the exact one is due", ops.Gelu, (_, [x]) =>
          x.gelu({ approximate: "tanh" }),
        ),
        inUnary("density term forgotten", ops.Gelu, (g, _, x) =>
          g.mul(x.mul(Math.SQRT1_2).erf().add(1).mul(0.5)),
        ),
      ],
    },
  ),
  unary(
    "geluTanh",
    [`y = x·(1 + tanh u)/2 ${CUBE}`, `g·((1 + tanh u)/2 + x·(1 − tanh² u)/2·u′) ${CUBE}`],
    anywhere,
    [ops.GeluTanh],
    (x) => new nn.GELU({ approximate: "tanh" }).forward(x),
    {
      onnx: cancelling,
    },
  ),
  rowOf(
    "leakyRelu",
    ["y = x where x > 0, else negativeSlope·x", "g where x > 0, else g·negativeSlope"],
    nearZero,
    [activations.LeakyRelu, nn.LeakyReLU],
    [{ negativeSlope: 0.01 }, { negativeSlope: 0.25 }, { negativeSlope: -1 }],
    (options) => new nn.LeakyReLU(options),
    {
      onnx: arithmetic,
      reference: numberwise(
        "leakyRelu",
        (x) => nn.leakyRelu(x, { negativeSlope: 0.2 }),
        (x) => (x > 0 ? x : 0.2 * x),
      ),
      faults: [
        inUnary("slope 0 below 0", LeakyRelu, (g, _, x) => x.gt(0).where(g, 0)),
        inUnary("slope added instead of chosen", LeakyRelu, (g, right) => right.add(g)),
      ],
    },
  ),
  rowOf(
    "elu",
    ["y = x where x > 0, else alpha·(eˣ − 1)", "g where x > 0, else g·alpha·eˣ"],
    nearZero,
    [activations.Elu, nn.ELU],
    [{ alpha: 1 }, { alpha: 0.5 }, { alpha: 3 }],
    (options) => new nn.ELU(options),
    {
      reference: numberwise(
        "elu",
        (x) => nn.elu(x, { alpha: 0.5 }),
        (x) => (x > 0 ? x : 0.5 * expm1(x)),
      ),
      faults: [
        inUnary("y instead of y + α below 0", Elu, (g, right, x) => x.gt(0).where(g, right.sub(g))),
        inUnary("eˣ on both sides", Elu, (g, _, x) => g.mul(x.exp())),
      ],
    },
  ),
  rowOf(
    "softplus",
    [
      "y = x where beta·x > threshold, else ln(1 + e^(beta·x))/beta",
      `g where beta·x > threshold, else g·σ(beta·x) ${SIGMA}`,
    ],
    anywhere,
    [activations.Softplus, nn.Softplus],
    [
      { beta: 1, threshold: 20 },
      { beta: 0.5, threshold: 20 },
      { beta: 2, threshold },
    ],
    (options) => new nn.Softplus(options),
    {
      reference: softplus,
      faults: [
        inBackward("σ(x) instead of σ(βx)", Softplus, ({ g, inputs: [x] }) => [g.mul(x.sigmoid())]),
        inBackward("threshold forgotten", Softplus, ({ g, operation, inputs: [x] }) => {
          const [beta] = (operation as InstanceType<typeof Softplus> & Settings).settings;
          return [g.mul(x.mul(beta).sigmoid())];
        }),
        inForward("base 2", Softplus, (right) => right.mul(Math.LOG2E), "reference"),
      ],
    },
  ),
  unary(
    "reluSquared",
    ["y = max(x, 0)²", "g·2·max(x, 0)"],
    nearZero,
    [ReluSquared, nn.ReLUSquared],
    (x) => new nn.ReLUSquared().forward(x),
    {
      onnx: exact,
      reference: numberwise("reluSquared", nn.reluSquared, (x) => Math.max(x, 0) ** 2),
      faults: [
        inUnary("the factor 2 forgotten", ReluSquared, (g, _, x) => g.mul(x.relu())),
        inUnary("slope of the square on both sides", ReluSquared, (g, _, x) => g.mul(x).mul(2)),
      ],
    },
  ),
];
