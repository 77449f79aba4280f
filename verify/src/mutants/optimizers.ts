import {
  Adagrad,
  type AdagradSettings,
  Adam,
  type AdamSettings,
  Muon,
  type MuonSettings,
  RMSprop,
  type RMSpropSettings,
} from "tensorgrad/optim";
import type { Mutant } from "./mutant.ts";
import { inUpdate } from "./plant.ts";

/** Faults in the rarer optimizers: ten steps by the formula tell. */
export const rarerOptimizerMutants: readonly Mutant[] = [
  inUpdate<RMSpropSettings>("RMSprop: eps inside the root", RMSprop, "RMSprop", (p, g, state, s, i) => {
    const d = g[i] + s.weightDecay * p[i];
    state.v[i] = s.alpha * state.v[i] + (1 - s.alpha) * d * d;
    state.velocity[i] = s.momentum * state.velocity[i] + d / Math.sqrt(state.v[i] + s.eps);
    p[i] -= s.lr * state.velocity[i];
  }),
  inUpdate<RMSpropSettings>(
    "RMSprop: the mean is never taken off",
    RMSprop,
    "RMSprop, centered",
    (p, g, state, s, i) => {
      const d = g[i] + s.weightDecay * p[i];
      state.v[i] = s.alpha * state.v[i] + (1 - s.alpha) * d * d;
      state.velocity[i] = s.momentum * state.velocity[i] + d / (Math.sqrt(state.v[i]) + s.eps);
      p[i] -= s.lr * state.velocity[i];
    },
  ),
  inUpdate<AdagradSettings>("Adagrad: the sum forgets", Adagrad, "Adagrad", (p, g, { sum }, s, i, t) => {
    const d = g[i] + s.weightDecay * p[i];
    sum[i] = 0.9 * (t === 1 ? s.initialAccumulator : sum[i]) + d * d;
    p[i] -= ((s.lr / (1 + (t - 1) * s.lrDecay)) * d) / (Math.sqrt(sum[i]) + s.eps);
  }),
  inUpdate<AdagradSettings>(
    "Adagrad: the rate decays a step early",
    Adagrad,
    "Adagrad",
    (p, g, { sum }, s, i, t) => {
      const d = g[i] + s.weightDecay * p[i];
      sum[i] += d * d + (t === 1 ? s.initialAccumulator : 0);
      p[i] -= ((s.lr / (1 + t * s.lrDecay)) * d) / (Math.sqrt(sum[i]) + s.eps);
    },
  ),
  inUpdate<AdamSettings>(
    "amsgrad: the largest v is never kept",
    Adam,
    "Adam with amsgrad",
    (p, g, { m, v }, s, i, t) => {
      const [b1, b2] = s.betas;
      const d = g[i] + s.weightDecay * p[i];
      m[i] = b1 * m[i] + (1 - b1) * d;
      v[i] = b2 * v[i] + (1 - b2) * d * d;
      p[i] -= (s.lr * (m[i] / (1 - b1 ** t))) / (Math.sqrt(v[i] / (1 - b2 ** t)) + s.eps);
    },
  ),
  inUpdate<MuonSettings>("Muon: nothing is made orthogonal", Muon, "Muon", (p, g, { momentum }, s, i) => {
    momentum[i] = s.momentum * momentum[i] + (1 - s.momentum) * g[i];
    p[i] -= s.lr * (s.weightDecay * p[i] + (1 - s.momentum) * g[i] + s.momentum * momentum[i]);
  }),
];
