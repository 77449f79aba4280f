import { checked, kernels } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { type Move, Optimizer, type Parameters } from "./optimizer.ts";
import * as reference from "./sgd.reference.ts";
import * as split from "./sgd.split.ts";

const kernel = kernels(reference, split);

/** Options of `SGD`. */
export interface SGDSettings {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
}

/**
 * Stochastic gradient descent, with momentum where wanted.
 *
 *   d = g + weightDecay·p;  v = momentum·v + (1 − dampening)·d  (v = d in the first step);  p −= lr·v
 *   nesterov: p −= lr·(d + momentum·v)
 *
 * Memory    one number per parameter with momentum, none without
 * Source    Sutskever et al. 2013; PyTorch's formulas
 */
export class SGD extends Optimizer<SGDSettings> {
  constructor(params: Parameters<SGDSettings>, options: Partial<SGDSettings> = {}) {
    const {
      lr = 0.01,
      momentum = 0,
      dampening = 0,
      weightDecay = 0,
      nesterov = false,
    } = checked("SGD", options, ["lr", "momentum", "dampening", "weightDecay", "nesterov"]);
    super(params, { lr, momentum, dampening, weightDecay, nesterov });
  }

  protected override check(settings: SGDSettings): void {
    super.check(settings);
    const { nesterov, momentum, dampening } = settings;
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw this.complaint(
        `nesterov with momentum = ${momentum}, dampening = ${dampening} — it needs momentum > 0 and dampening = 0`,
      );
    }
  }

  protected override remembers({ momentum }: SGDSettings): string[] {
    return momentum === 0 ? [] : ["velocity"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { velocity }: Readonly<Record<string, Tensor>>,
    { lr, momentum, dampening, weightDecay, nesterov }: SGDSettings,
    step: number,
  ): void {
    const [n, first] = [p.size, step === 1 ? 1 : 0];
    if (!velocity) kernel.sgdPlain(p, g, n, lr, weightDecay);
    else kernel.sgd(p, g, velocity, n, lr, momentum, dampening, weightDecay, nesterov ? 1 : 0, first);
  }

  override moves({ lr, momentum, dampening, weightDecay, nesterov }: SGDSettings, step: Tensor): Move {
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
}
