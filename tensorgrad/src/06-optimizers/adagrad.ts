import { checked, kernels } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import * as reference from "./adagrad.reference.ts";
import * as split from "./adagrad.split.ts";
import { type Move, Optimizer, type Parameters } from "./optimizer.ts";

const kernel = kernels(reference, split);

export interface AdagradSettings {
  lr: number;
  lrDecay: number;
  eps: number;
  weightDecay: number;
  /** What the sum of squares begins with, at a parameter's first step. */
  initialAccumulator: number;
}

/**
 * Steps divided by the root of the sum of all squared gradients so far: what moved much moves less and less, what is
 * rare keeps its pace. The sum only grows, so in the end everything stands still; RMSprop forgets instead.
 *
 *   d = g + weightDecay·p;  s = s + d²;  p −= lr/(1 + (t − 1)·lrDecay)·d/(√s + eps)
 *
 * Memory    one number per parameter
 * Source    Duchi, Hazan & Singer 2011; PyTorch's formulas
 */
export class Adagrad extends Optimizer<AdagradSettings> {
  constructor(params: Parameters<AdagradSettings>, options: Partial<AdagradSettings> = {}) {
    const {
      lr = 0.01,
      lrDecay = 0,
      eps = 1e-10,
      weightDecay = 0,
      initialAccumulator = 0,
    } = checked("Adagrad", options, ["lr", "lrDecay", "eps", "weightDecay", "initialAccumulator"]);
    super(params, { lr, lrDecay, eps, weightDecay, initialAccumulator });
  }

  protected override remembers(): string[] {
    return ["sum"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { sum }: Readonly<Record<string, Tensor>>,
    { lr, lrDecay, eps, weightDecay, initialAccumulator }: AdagradSettings,
    step: number,
  ): void {
    const rate = lr / (1 + (step - 1) * lrDecay);
    kernel.adagrad(p, g, sum, p.size, rate, eps, weightDecay, step === 1 ? initialAccumulator : 0);
  }

  override moves({ lr, lrDecay, eps, weightDecay, initialAccumulator }: AdagradSettings, step: Tensor): Move {
    const rate = step.to("float64").sub(1).mul(lrDecay).add(1).reciprocal().mul(lr);
    return ({ p, state }, g) => {
      const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
      const first = step.eq(1).to(p.dtype).mul(initialAccumulator);
      const start = initialAccumulator === 0 ? state.sum : state.sum.add(first);
      const sum = start.add(d.square());
      return { p: p.sub(d.mul(rate.to(p.dtype)).div(sum.sqrt().add(eps))), state: { sum } };
    };
  }
}
