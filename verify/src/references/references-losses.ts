import { type Random, type Tensor, tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";

/** Modules 02 to 04 by their definitions, one number at a time. */
type Reference = (random: Random) => string | null;

const { abs, exp, expm1, log } = Math;

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

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

const regression: Reference = (random) => {
  const [a, b] = [numbers(random, 6), numbers(random, 6)];
  const [x, y] = [float64(a), float64(b)];
  const d = a.map((value, i) => abs(value - b[i]));
  const bent = (delta: number) => d.map((d) => (d <= delta ? (d * d) / 2 : delta * (d - delta / 2)));
  return (
    differs("l1", new nn.L1Loss().forward(x, y), [mean(d)]) ??
    differs("huber", new nn.HuberLoss().forward(x, y), [mean(bent(1))]) ??
    differs("huber with delta ½", new nn.HuberLoss({ delta: 0.5 }).forward(x, y), [mean(bent(0.5))])
  );
};

const binary: Reference = (random) => {
  const scores = numbers(random, 6);
  const answers = scores.map(() => random.uniform());
  const [x, y] = [float64(scores), float64(answers)];
  const p = scores.map((x) => 1 / (1 + exp(-x)));
  const weighted = (w: number) => p.map((p, i) => -w * answers[i] * log(p) - (1 - answers[i]) * log(1 - p));
  return (
    differs("bce", new nn.BCELoss().forward(float64(p), y), [mean(weighted(1))], 1e-10) ??
    differs("bceWithLogits", new nn.BCEWithLogitsLoss().forward(x, y), [mean(weighted(1))], 1e-10) ??
    differs(
      "bceWithLogits with posWeight 3",
      new nn.BCEWithLogitsLoss({ posWeight: 3 }).forward(x, y),
      [mean(weighted(3))],
      1e-10,
    )
  );
};

/** Two rows of three classes. */
const classes: Reference = (random) => {
  const scores = [numbers(random, 3), numbers(random, 3)];
  const q = scores.map((row) => row.map((x) => exp(x) / row.reduce((sum, x) => sum + exp(x), 0)));
  const x = tensor(
    q.map((row) => row.map(log)),
    { dtype: "float64" },
  );
  const targets = [random.integer(3), random.integer(3)];
  const weight = [3, 2, 4]; // of no two the sum is 2
  const losses = targets.map((t, n) => -weight[t] * log(q[n][t]));
  const total = targets.reduce((sum, t) => sum + weight[t], 0);
  const p = [0.2, 0.5, 0.3];
  const divergence = q.map((row) => row.reduce((sum, q, c) => sum + p[c] * log(p[c] / q), 0));
  const y = tensor([p, p], { dtype: "float64" });
  const nll = new nn.NLLLoss({ weight: float64(weight) }).forward(x, tensor(targets, { dtype: "int32" }));
  return (
    differs("nll", nll, [(losses[0] + losses[1]) / total], 1e-10) ??
    differs("klDiv", new nn.KLDivLoss({ reduction: "batchmean" }).forward(x, y), [mean(divergence)], 1e-10)
  );
};

export const lossReferences: Readonly<Record<string, Reference>> = {
  activations,
  Residual: residual,
  "regression losses": regression,
  "binary losses": binary,
  "class losses": classes,
};
