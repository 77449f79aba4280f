import { full, type Tensor } from "../01-tensor/index.ts";
import {
  Adam,
  type AdamSettings,
  AdamW,
  type Optimizer,
  SGD,
  type SGDSettings,
} from "../06-optimizers/index.ts";

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
  const { name } = (optimizer as object).constructor;
  throw new TypeError(`exportOnnx: optimizer ${name} — steps of SGD, Adam and AdamW can be exported`);
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
    const scale = v.sqrt().div(root.to(p.dtype)).add(eps);
    return { p: decayed.sub(m.mul(size.to(p.dtype)).div(scale)), state: { m, v } };
  };
}
