import { full, type Tensor } from "../../01-tensor/index.ts";
import {
  Adagrad,
  type AdagradSettings,
  Adam,
  type AdamSettings,
  AdamW,
  Muon,
  type MuonSettings,
  type Optimizer,
  orthogonalize,
  RMSprop,
  type RMSpropSettings,
  SGD,
  type SGDSettings,
} from "../../06-optimizers/index.ts";

/** One parameter before or after a step, with what its optimizer remembers of it. */
export interface Moving {
  readonly p: Tensor;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** One parameter's step, in tensor operations. */
export type Move = (from: Moving, g: Tensor) => Moving;

/**
 * Optimizers in tensor operations: what their kernels do element by element, said where a graph has to say it.
 * `step` is an int32 scalar that counts from 1.
 */
export function moveOf(optimizer: Optimizer<{ lr: number }>, settings: { lr: number }, step: Tensor): Move {
  if (optimizer instanceof SGD) return sgd(settings as SGDSettings, step);
  if (optimizer instanceof Adam) return adam(settings as AdamSettings, step, optimizer instanceof AdamW);
  if (optimizer instanceof RMSprop) return rmsprop(settings as RMSpropSettings);
  if (optimizer instanceof Adagrad) return adagrad(settings as AdagradSettings, step);
  if (optimizer instanceof Muon) return muon(settings as MuonSettings);
  const { name } = (optimizer as object).constructor;
  throw new TypeError(
    `exportOnnx: optimizer ${name} — steps of SGD, Adam, AdamW, RMSprop, Adagrad and Muon can be exported`,
  );
}

function sgd({ lr, momentum, dampening, weightDecay, nesterov }: SGDSettings, step: Tensor): Move {
  // What a setting switches off is left out, so that the graph reads like the formula that is meant.
  return ({ p, state }, g) => {
    const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
    if (!state.velocity) return { p: p.sub(d.mul(lr)), state: {} };
    const later = state.velocity.mul(momentum).add(dampening === 0 ? d : d.mul(1 - dampening));
    // Without dampening, a first velocity of 0 gives v = d by itself.
    const velocity = dampening === 0 ? later : step.eq(1).where(d, later);
    const move = nesterov ? d.add(velocity.mul(momentum)) : velocity;
    return { p: p.sub(move.mul(lr)), state: { velocity } };
  };
}

function adam(
  { lr, betas: [beta1, beta2], eps, weightDecay }: AdamSettings,
  step: Tensor,
  decoupled: boolean,
): Move {
  // 1 − βᵗ cancels at first: float32 would keep four digits of 1 − 0.999.
  const wide = { dtype: "float64" } as const;
  const bias = (beta: number) => full([], beta, wide).pow(step.to("float64")).neg().add(1);
  const [size, root] = [bias(beta1).reciprocal().mul(lr), bias(beta2).sqrt()];
  return ({ p, state }, g) => {
    const decayed = decoupled && weightDecay !== 0 ? p.mul(1 - lr * weightDecay) : p;
    const d = decoupled || weightDecay === 0 ? g : g.add(p.mul(weightDecay));
    const m = state.m.add(d.sub(state.m).mul(1 - beta1));
    const v = state.v.mul(beta2).add(d.square().mul(1 - beta2));
    const largest = state.largest?.maximum(v);
    const scale = (largest ?? v).sqrt().div(root.to(p.dtype)).add(eps);
    const next = decayed.sub(m.mul(size.to(p.dtype)).div(scale));
    return { p: next, state: { m, v, ...(largest ? { largest } : {}) } };
  };
}

function rmsprop({ lr, alpha, eps, weightDecay, momentum }: RMSpropSettings): Move {
  return ({ p, state }, g) => {
    const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
    const v = state.v.mul(alpha).add(d.square().mul(1 - alpha));
    const mean = state.mean?.add(d.sub(state.mean).mul(1 - alpha));
    const variance = mean ? v.sub(mean.square()).relu() : v;
    const move = d.div(variance.sqrt().add(eps));
    const velocity = state.velocity?.mul(momentum).add(move);
    const rest = { ...(mean ? { mean } : {}), ...(velocity ? { velocity } : {}) };
    return { p: p.sub((velocity ?? move).mul(lr)), state: { v, ...rest } };
  };
}

function adagrad({ lr, lrDecay, eps, weightDecay, initialAccumulator }: AdagradSettings, step: Tensor): Move {
  const rate = step.to("float64").sub(1).mul(lrDecay).add(1).reciprocal().mul(lr);
  return ({ p, state }, g) => {
    const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
    const first = step.eq(1).to(p.dtype).mul(initialAccumulator);
    const start = initialAccumulator === 0 ? state.sum : state.sum.add(first);
    const sum = start.add(d.square());
    return { p: p.sub(d.mul(rate.to(p.dtype)).div(sum.sqrt().add(eps))), state: { sum } };
  };
}

function muon({ lr, momentum: beta, nesterov, weightDecay, nsSteps }: MuonSettings): Move {
  return ({ p, state }, g) => {
    const momentum = state.momentum.add(g.sub(state.momentum).mul(1 - beta));
    const direction = orthogonalize(nesterov ? g.add(momentum.sub(g).mul(beta)) : momentum, {
      steps: nsSteps,
    });
    const size = lr * Math.sqrt(Math.max(1, p.shape[0] / p.shape[1]));
    const decayed = weightDecay === 0 ? p : p.mul(1 - lr * weightDecay);
    return { p: decayed.sub(direction.mul(size)), state: { momentum } };
  };
}
