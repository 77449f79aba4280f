import { checked, kernels } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { type Move, Optimizer, type Parameters } from "./optimizer.ts";
import * as reference from "./rmsprop.reference.ts";
import * as split from "./rmsprop.split.ts";

const kernel = kernels(reference, split);

/** Options of `RMSprop`. */
export interface RMSpropSettings {
  lr: number;
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  centered: boolean;
}

/**
 * Steps divided by the root of a running mean of the squared gradient; centered: by an estimate of its deviation.
 *
 *   d = g + weightDecay·p;  v = α·v + (1 − α)·d²;  p −= lr·d/(√v + eps)
 *   centered: m = α·m + (1 − α)·d, and v − m² in place of v;  momentum: b = momentum·b + d/(√v + eps), p −= lr·b
 *
 * Memory    one number per parameter; one more if centered, one more with momentum
 * Source    Tieleman & Hinton 2012; PyTorch's formulas
 */
export class RMSprop extends Optimizer<RMSpropSettings> {
  constructor(params: Parameters<RMSpropSettings>, options: Partial<RMSpropSettings> = {}) {
    const {
      lr = 0.01,
      alpha = 0.99,
      eps = 1e-8,
      weightDecay = 0,
      momentum = 0,
      centered = false,
    } = checked("RMSprop", options, ["lr", "alpha", "eps", "weightDecay", "momentum", "centered"]);
    super(params, { lr, alpha, eps, weightDecay, momentum, centered });
  }

  protected override check(settings: RMSpropSettings): void {
    super.check(settings);
    if (settings.alpha >= 1) throw this.complaint(`alpha = ${settings.alpha} — must be below 1`);
  }

  protected override remembers({ momentum, centered }: RMSpropSettings): string[] {
    return ["v", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["velocity"] : [])];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { v, mean = v, velocity = v }: Readonly<Record<string, Tensor>>,
    { lr, alpha, eps, weightDecay, momentum, centered }: RMSpropSettings,
  ): void {
    const variant = [weightDecay, momentum, centered ? 1 : 0] as const;
    kernel.rmsprop(p, g, v, mean, velocity, p.size, lr, alpha, eps, ...variant);
  }

  override moves({ lr, alpha, eps, weightDecay, momentum }: RMSpropSettings): Move {
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
}
