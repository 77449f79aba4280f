import { checked, kernels } from "../../00-runtime/index.ts";
import { full, type Tensor } from "../../01-tensor/index.ts";
import { type Move, Optimizer, type Parameters } from "../optimizer.ts";
import * as reference from "./adamax.reference.ts";
import * as split from "./adamax.split.ts";
import { wrongBetas } from "./betas.ts";

const kernel = kernels(reference, split);

/** Options of `Adamax`. */
export interface AdamaxSettings {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

/**
 * Adam with the largest gradient, slowly forgotten, in the place of the root of their mean square: steps are never above lr.
 *
 *   d = g + weightDecay·p;  m = β₁·m + (1 − β₁)·d;  u = max(β₂·u, |d| + eps);  p −= lr/(1 − β₁ᵗ)·m/u
 *
 * Memory    two numbers per parameter
 * Source    Kingma & Ba 2015, Adam, section 7.1; PyTorch's formulas
 */
export class Adamax extends Optimizer<AdamaxSettings> {
  constructor(params: Parameters<AdamaxSettings>, options: Partial<AdamaxSettings> = {}) {
    const {
      lr = 2e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 0,
    } = checked("Adamax", options, ["lr", "betas", "eps", "weightDecay"]);
    super(params, { lr, betas, eps, weightDecay });
  }

  protected override check(settings: AdamaxSettings): void {
    super.check(settings);
    const wrong = wrongBetas(settings.betas);
    if (wrong) throw this.complaint(wrong);
  }

  protected override remembers(): string[] {
    return ["m", "u"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { m, u }: Readonly<Record<string, Tensor>>,
    { lr, betas, eps, weightDecay }: AdamaxSettings,
    step: number,
  ): void {
    kernel.adamax(p, g, m, u, p.size, lr / (1 - betas[0] ** step), ...betas, eps, weightDecay);
  }

  override moves({ lr, betas: [beta1, beta2], eps, weightDecay }: AdamaxSettings, step: Tensor): Move {
    const faded = full([], beta1, { dtype: "float64" }).pow(step.to("float64"));
    const rate = faded.neg().add(1).reciprocal().mul(lr);
    return ({ p, state }, g) => {
      const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
      const m = state.m.add(d.sub(state.m).mul(1 - beta1));
      const u = state.u.mul(beta2).maximum(d.abs().add(eps));
      return { p: p.sub(m.mul(rate.to(p.dtype)).div(u)), state: { m, u } };
    };
  }
}
