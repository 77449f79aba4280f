import {
  Adadelta,
  type AdadeltaSettings,
  Adamax,
  type AdamaxSettings,
  NAdam,
  type NAdamSettings,
  RAdam,
  type RAdamSettings,
} from "tensorgrad/optim";
import { inUpdate, type Numbers } from "../mutants/plant.ts";
import { type Rule, tenSteps } from "../references/ten-steps.ts";
import { definition } from "./builders.ts";
import type { Definition } from "./case.ts";

const { abs, max, sqrt } = Math;
const nadam: NAdamSettings = {
  lr: 0.1,
  betas: [0.8, 0.95],
  eps: 1e-3,
  weightDecay: 0.1,
  momentumDecay: 0.05,
};
/** With these, v is trusted from the sixth step on: the ten steps are of both kinds. */
const radam: RAdamSettings = { lr: 0.1, betas: [0.8, 0.95], eps: 1e-3, weightDecay: 0.1 };
const adamax: AdamaxSettings = { lr: 0.1, betas: [0.8, 0.95], eps: 1e-3, weightDecay: 0.1 };
const adadelta: AdadeltaSettings = { lr: 0.5, rho: 0.8, eps: 1e-2, weightDecay: 0.1 };

const momentum = ({ betas: [b1], momentumDecay }: NAdamSettings, t: number) =>
  b1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));

/** Dozat 2016, with PyTorch's schedule of the momentum. */
const nadamRule = (s: NAdamSettings) => (): Rule => {
  const [b1, b2] = s.betas;
  let [m, v, product] = [0, 0, 1];
  return (p, g, t) => {
    const d = g + s.weightDecay * p;
    m = b1 * m + (1 - b1) * d;
    v = b2 * v + (1 - b2) * d * d;
    const [mu, next] = [momentum(s, t), momentum(s, t + 1)];
    product *= mu;
    const ahead = ((1 - mu) * d) / (1 - product) + (next * m) / (1 - product * next);
    return p - (s.lr * ahead) / (sqrt(v / (1 - b2 ** t)) + s.eps);
  };
};

/** Liu et al. 2020, algorithm 2. */
const radamRule = (s: RAdamSettings) => (): Rule => {
  const [b1, b2] = s.betas;
  let [m, v] = [0, 0];
  return (p, g, t) => {
    const d = g + s.weightDecay * p;
    m = b1 * m + (1 - b1) * d;
    v = b2 * v + (1 - b2) * d * d;
    const most = 2 / (1 - b2) - 1;
    const rho = most - (2 * t * b2 ** t) / (1 - b2 ** t);
    const mean = m / (1 - b1 ** t);
    if (rho <= 5) return p - s.lr * mean;
    const r = sqrt(((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho));
    return p - (s.lr * mean * r * sqrt(1 - b2 ** t)) / (sqrt(v) + s.eps);
  };
};

/** Kingma & Ba 2015, algorithm 2, with PyTorch's eps. */
const adamaxRule = (s: AdamaxSettings) => (): Rule => {
  const [b1, b2] = s.betas;
  let [m, u] = [0, 0];
  return (p, g, t) => {
    const d = g + s.weightDecay * p;
    m = b1 * m + (1 - b1) * d;
    u = max(b2 * u, abs(d) + s.eps);
    return p - (s.lr * m) / ((1 - b1 ** t) * u);
  };
};

/** Zeiler 2012, algorithm 1, with PyTorch's rate. */
const adadeltaRule = (s: AdadeltaSettings) => (): Rule => {
  let [v, moved] = [0, 0];
  return (p, g) => {
    const d = g + s.weightDecay * p;
    v = s.rho * v + (1 - s.rho) * d * d;
    const move = (sqrt(moved + s.eps) / sqrt(v + s.eps)) * d;
    moved = s.rho * moved + (1 - s.rho) * move * move;
    return p - s.lr * move;
  };
};

/** The running means, with weight decay in the gradient; returns that. */
function means(p: Numbers, m: Numbers, v: Numbers, g: number, s: RAdamSettings, i: number): number {
  const [b1, b2] = s.betas;
  const d = g + s.weightDecay * p[i];
  m[i] = b1 * m[i] + (1 - b1) * d;
  v[i] = b2 * v[i] + (1 - b2) * d * d;
  return d;
}

export const title = "Adaptive optimizers";

export const rows: readonly Definition[] = [
  definition("NAdam", (random) => tenSteps((p) => new NAdam([p], nadam), nadamRule(nadam), random), [
    inUpdate<NAdamSettings>("no look ahead: Adam", NAdam, (p, g, { m, v }, s, i, t) => {
      means(p, m, v, g[i], s, i);
      p[i] -= (s.lr * (m[i] / (1 - s.betas[0] ** t))) / (sqrt(v[i] / (1 - s.betas[1] ** t)) + s.eps);
    }),
  ]),
  definition("RAdam", (random) => tenSteps((p) => new RAdam([p], radam), radamRule(radam), random), [
    inUpdate<RAdamSettings>("never rectified", RAdam, (p, g, { m, v }, s, i, t) => {
      means(p, m, v, g[i], s, i);
      p[i] -= s.lr * (m[i] / (1 - s.betas[0] ** t));
    }),
    inUpdate<RAdamSettings>("trusted from the start", RAdam, (p, g, { m, v }, s, i, t) => {
      means(p, m, v, g[i], s, i);
      p[i] -= (s.lr * (m[i] / (1 - s.betas[0] ** t)) * sqrt(1 - s.betas[1] ** t)) / (sqrt(v[i]) + s.eps);
    }),
  ]),
  definition("Adamax", (random) => tenSteps((p) => new Adamax([p], adamax), adamaxRule(adamax), random), [
    inUpdate<AdamaxSettings>("the largest is never forgotten", Adamax, (p, g, { m, u }, s, i, t) => {
      const d = g[i] + s.weightDecay * p[i];
      m[i] = s.betas[0] * m[i] + (1 - s.betas[0]) * d;
      u[i] = max(u[i], abs(d) + s.eps);
      p[i] -= (s.lr * m[i]) / ((1 - s.betas[0] ** t) * u[i]);
    }),
  ]),
  definition(
    "Adadelta",
    (random) => tenSteps((p) => new Adadelta([p], adadelta), adadeltaRule(adadelta), random),
    [
      inUpdate<AdadeltaSettings>(
        "steps with the rate in them are remembered",
        Adadelta,
        (p, g, { v, moved }, s, i) => {
          const d = g[i] + s.weightDecay * p[i];
          v[i] = s.rho * v[i] + (1 - s.rho) * d * d;
          const move = ((s.lr * sqrt(moved[i] + s.eps)) / sqrt(v[i] + s.eps)) * d;
          moved[i] = s.rho * moved[i] + (1 - s.rho) * move * move;
          p[i] -= move;
        },
      ),
    ],
  ),
];
