import { tensor } from "tensorgrad";
import {
  Adagrad,
  type AdagradSettings,
  Adam,
  type AdamSettings,
  AdamW,
  Muon,
  type MuonSettings,
  RMSprop,
  type RMSpropSettings,
  SGD,
  type SGDSettings,
} from "tensorgrad/optim";
import { inUpdate, type Numbers } from "../mutants/plant.ts";
import type { Reference } from "../references/reference.ts";
import { type Rule, STEPS, tenSteps } from "../references/ten-steps.ts";
import { definition } from "./builders.ts";
import type { Definition } from "./case.ts";

/** Sutskever et al. 2013, with PyTorch's weight decay: it joins the gradient before the momentum. */
const sgdRule =
  ({ lr, momentum, weightDecay, nesterov }: Omit<SGDSettings, "dampening">) =>
  (): Rule => {
    let velocity = 0;
    return (p, g) => {
      const d = g + weightDecay * p;
      velocity = momentum * velocity + d;
      return p - lr * (nesterov ? d + momentum * velocity : velocity);
    };
  };

/** Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2; Reddi et al. 2018 (amsgrad). */
const adamRule =
  ({ lr, betas: [b1, b2], eps, weightDecay, amsgrad }: AdamSettings, decoupled: boolean) =>
  (): Rule => {
    let [m, v, largest] = [0, 0, 0];
    return (p, g, t) => {
      const d = decoupled ? g : g + weightDecay * p;
      m = b1 * m + (1 - b1) * d;
      v = b2 * v + (1 - b2) * d * d;
      largest = Math.max(largest, v);
      const step = (lr * (m / (1 - b1 ** t))) / (Math.sqrt((amsgrad ? largest : v) / (1 - b2 ** t)) + eps);
      return p - step - (decoupled ? lr * weightDecay * p : 0);
    };
  };

const momentum = { lr: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: false };
const adam: AdamSettings = { lr: 0.1, betas: [0.8, 0.95], eps: 1e-3, weightDecay: 0.1, amsgrad: false };

/** Tieleman & Hinton 2012; Graves 2013, equations 38 to 45 (centered). */
const rmspropRule =
  ({ lr, alpha, eps, weightDecay, momentum, centered }: RMSpropSettings) =>
  (): Rule => {
    let [square, mean, velocity] = [0, 0, 0];
    return (p, g) => {
      const d = g + weightDecay * p;
      square = alpha * square + (1 - alpha) * d * d;
      mean = alpha * mean + (1 - alpha) * d;
      velocity = momentum * velocity + d / (Math.sqrt(square - (centered ? mean * mean : 0)) + eps);
      return p - lr * velocity;
    };
  };

/** Duchi, Hazan & Singer 2011, with PyTorch's decay of the rate. */
const adagradRule =
  ({ lr, lrDecay, eps, weightDecay, initialAccumulator }: AdagradSettings) =>
  (): Rule => {
    let sum = initialAccumulator;
    return (p, g, t) => {
      const d = g + weightDecay * p;
      sum += d * d;
      return p - ((lr / (1 + (t - 1) * lrDecay)) * d) / (Math.sqrt(sum) + eps);
    };
  };

/** Of a matrix of one row, Newton–Schulz keeps the direction: what is left is a polynomial of the length 1. */
const muon: Reference = (random) => {
  const numbers = () => [random.normal(), random.normal(), random.normal()];
  let [expected, mean] = [numbers(), [0, 0, 0]];
  const p = tensor([expected], { dtype: "float64", requiresGrad: true });
  const optimizer = new Muon([p], { lr: 0.1, momentum: 0.9, weightDecay: 0.1 });
  for (let step = 1; step <= STEPS; step++) {
    const g = numbers();
    p.grad = tensor([g], { dtype: "float64" });
    optimizer.step();
    mean = mean.map((m, i) => 0.9 * m + 0.1 * g[i]);
    const ahead = mean.map((m, i) => 0.1 * g[i] + 0.9 * m);
    const length = Math.hypot(...ahead);
    let s = length / (length + 1e-7);
    for (let i = 0; i < 5; i++) s = 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
    expected = expected.map((value, i) => value * (1 - 0.1 * 0.1) - (0.1 * s * ahead[i]) / length);
    const wrong = expected.findIndex((value, i) => !(Math.abs(p.data[i] - value) <= 1e-9));
    if (wrong >= 0)
      return `after step ${step} the parameter is ${p.data[wrong]}, by the formula ${expected[wrong]}`;
  }
  return null;
};

const rmsprop: RMSpropSettings = {
  lr: 0.01,
  alpha: 0.9,
  eps: 1e-3,
  weightDecay: 0.1,
  momentum: 0.5,
  centered: false,
};
const adagrad: AdagradSettings = {
  lr: 0.1,
  lrDecay: 0.2,
  eps: 1e-3,
  weightDecay: 0.1,
  initialAccumulator: 0.5,
};

export const title = "Optimizers";

export const rows: readonly Definition[] = [
  definition(
    "SGD with momentum",
    (random) => tenSteps((p) => new SGD([p], momentum), sgdRule(momentum), random),
    [
      inUpdate<SGDSettings>("weight decay after the momentum", SGD, (p, g, { velocity: v }, s, i) => {
        v[i] = s.momentum * (v[i] ?? 0) + g[i];
        p[i] -= s.lr * (v[i] + s.weightDecay * p[i]);
      }),
      inUpdate<SGDSettings>("learning rate inside the velocity", SGD, (p, g, { velocity: v }, s, i) => {
        v[i] = s.momentum * v[i] - s.lr * (g[i] + s.weightDecay * p[i]) * (1 - s.momentum);
        p[i] += v[i];
      }),
    ],
  ),
  definition(
    "SGD, Nesterov",
    (random) =>
      tenSteps(
        (p) => new SGD([p], { ...momentum, nesterov: true }),
        sgdRule({ ...momentum, nesterov: true }),
        random,
      ),
    [
      inUpdate<SGDSettings>("Nesterov looks one step too far", SGD, (p, g, { velocity: v }, s, i) => {
        const d = g[i] + s.weightDecay * p[i];
        v[i] = s.momentum * v[i] + d;
        p[i] -= s.lr * (d + s.momentum * s.momentum * v[i]);
      }),
    ],
  ),
  definition("SGD, plain", (random) =>
    tenSteps(
      (p) => new SGD([p], { ...momentum, momentum: 0 }),
      sgdRule({ ...momentum, momentum: 0 }),
      random,
    ),
  ),
  definition("Adam", (random) => tenSteps((p) => new Adam([p], adam), adamRule(adam, false), random), [
    inUpdate<AdamSettings>("weight decay outside the moments", Adam, (p, g, { m, v }, s, i, t) => {
      p[i] -= s.lr * s.weightDecay * p[i];
      adamStep(p, m, v, g[i], s, i, t);
    }),
    inUpdate<AdamSettings>("bias of the moments not undone", Adam, (p, g, { m, v }, s, i) =>
      adamStep(p, m, v, g[i] + s.weightDecay * p[i], s, i, Number.POSITIVE_INFINITY),
    ),
    inUpdate<AdamSettings>("eps inside the root", Adam, (p, g, { m, v }, s, i, t) =>
      adamStep(p, m, v, g[i] + s.weightDecay * p[i], s, i, t, true),
    ),
  ]),
  definition("AdamW", (random) => tenSteps((p) => new AdamW([p], adam), adamRule(adam, true), random), [
    inUpdate<AdamSettings>("weight decay inside the moments", AdamW, (p, g, { m, v }, s, i, t) =>
      adamStep(p, m, v, g[i] + s.weightDecay * p[i], s, i, t),
    ),
  ]),
  definition(
    "Adam with amsgrad",
    (random) =>
      tenSteps(
        (p) => new Adam([p], { ...adam, amsgrad: true }),
        adamRule({ ...adam, amsgrad: true }, false),
        random,
      ),
    [
      inUpdate<AdamSettings>("the largest v is never kept", Adam, (p, g, { m, v }, s, i, t) => {
        const [b1, b2] = s.betas;
        const d = g[i] + s.weightDecay * p[i];
        m[i] = b1 * m[i] + (1 - b1) * d;
        v[i] = b2 * v[i] + (1 - b2) * d * d;
        p[i] -= (s.lr * (m[i] / (1 - b1 ** t))) / (Math.sqrt(v[i] / (1 - b2 ** t)) + s.eps);
      }),
    ],
  ),
  definition(
    "RMSprop",
    (random) => tenSteps((p) => new RMSprop([p], rmsprop), rmspropRule(rmsprop), random),
    [
      inUpdate<RMSpropSettings>("eps inside the root", RMSprop, (p, g, state, s, i) => {
        const d = g[i] + s.weightDecay * p[i];
        state.v[i] = s.alpha * state.v[i] + (1 - s.alpha) * d * d;
        state.velocity[i] = s.momentum * state.velocity[i] + d / Math.sqrt(state.v[i] + s.eps);
        p[i] -= s.lr * state.velocity[i];
      }),
    ],
  ),
  definition(
    "RMSprop, centered",
    (random) =>
      tenSteps(
        (p) => new RMSprop([p], { ...rmsprop, centered: true }),
        rmspropRule({ ...rmsprop, centered: true }),
        random,
      ),
    [
      inUpdate<RMSpropSettings>("the mean is never taken off", RMSprop, (p, g, state, s, i) => {
        const d = g[i] + s.weightDecay * p[i];
        state.v[i] = s.alpha * state.v[i] + (1 - s.alpha) * d * d;
        state.velocity[i] = s.momentum * state.velocity[i] + d / (Math.sqrt(state.v[i]) + s.eps);
        p[i] -= s.lr * state.velocity[i];
      }),
    ],
  ),
  definition(
    "Adagrad",
    (random) => tenSteps((p) => new Adagrad([p], adagrad), adagradRule(adagrad), random),
    [
      inUpdate<AdagradSettings>("the sum forgets", Adagrad, (p, g, { sum }, s, i, t) => {
        const d = g[i] + s.weightDecay * p[i];
        sum[i] = 0.9 * (t === 1 ? s.initialAccumulator : sum[i]) + d * d;
        p[i] -= ((s.lr / (1 + (t - 1) * s.lrDecay)) * d) / (Math.sqrt(sum[i]) + s.eps);
      }),
      inUpdate<AdagradSettings>("the rate decays a step early", Adagrad, (p, g, { sum }, s, i, t) => {
        const d = g[i] + s.weightDecay * p[i];
        sum[i] += d * d + (t === 1 ? s.initialAccumulator : 0);
        p[i] -= ((s.lr / (1 + t * s.lrDecay)) * d) / (Math.sqrt(sum[i]) + s.eps);
      }),
    ],
  ),
  definition("Muon", muon, [
    inUpdate<MuonSettings>("nothing is made orthogonal", Muon, (p, g, { momentum }, s, i) => {
      momentum[i] = s.momentum * momentum[i] + (1 - s.momentum) * g[i];
      p[i] -= s.lr * (s.weightDecay * p[i] + (1 - s.momentum) * g[i] + s.momentum * momentum[i]);
    }),
  ]),
];

function adamStep(
  p: Numbers,
  m: Numbers,
  v: Numbers,
  d: number,
  s: AdamSettings,
  i: number,
  t: number,
  inside = false,
): void {
  const [b1, b2] = s.betas;
  m[i] = b1 * m[i] + (1 - b1) * d;
  v[i] = b2 * v[i] + (1 - b2) * d * d;
  const [mean, square] = [m[i] / (1 - b1 ** t), v[i] / (1 - b2 ** t)];
  p[i] -= (s.lr * mean) / (inside ? Math.sqrt(square + s.eps) : Math.sqrt(square) + s.eps);
}
