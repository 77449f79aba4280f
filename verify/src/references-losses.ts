import { type Random, type Tensor, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { differs } from "./differs.ts";

/** Modules 02 to 04 by their definitions, one number at a time. */
type Reference = (random: Random) => string | null;

const { exp, expm1, log } = Math;

const numbers = (random: Random, n: number): number[] => Array.from({ length: n }, () => 3 * random.normal());
const float64 = (values: readonly number[]): Tensor => tensor([...values], { dtype: "float64" });

const activations: Reference = (random) => {
  const values = [...numbers(random, 8), 0, -40, 40];
  const x = float64(values);
  const by = (f: (x: number) => number) => values.map(f);
  const soft = (beta: number) => (x: number) => (beta * x > 20 ? x : log(1 + exp(beta * x)) / beta);
  return (
    differs(
      "leakyRelu",
      nn.leakyRelu(x, { negativeSlope: 0.2 }),
      by((x) => (x > 0 ? x : 0.2 * x)),
    ) ??
    differs(
      "elu",
      nn.elu(x, { alpha: 0.5 }),
      by((x) => (x > 0 ? x : 0.5 * expm1(x))),
    ) ??
    differs("softplus", nn.softplus(x), by(soft(1))) ??
    differs("softplus with beta 3", nn.softplus(x, { beta: 3 }), by(soft(3)))
  );
};

const residual: Reference = (random) => {
  const values = numbers(random, 5);
  const layers = new nn.Residual(new nn.Tanh(), { forward: (x) => x.mul(3) });
  return differs(
    "Residual",
    layers.forward(float64(values)),
    values.map((x) => x + 3 * Math.tanh(x)),
  );
};

export const lossReferences: Readonly<Record<string, Reference>> = { activations, Residual: residual };
