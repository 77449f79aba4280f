import { checked, kernels } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { type Move, Optimizer, type Parameters } from "../optimizer.ts";
import * as reference from "./adadelta.reference.ts";
import * as split from "./adadelta.split.ts";

const kernel = kernels(reference, split);

/** Options of `Adadelta`. */
export interface AdadeltaSettings {
  lr: number;
  rho: number;
  eps: number;
  weightDecay: number;
}

/**
 * Steps as large as former ones: a gradient over the root of its running mean square, times that of the steps before.
 *
 *   d = g + weightDecay·p;  v = ρ·v + (1 − ρ)·d²;  Δ = √(moved + eps)/√(v + eps)·d
 *   moved = ρ·moved + (1 − ρ)·Δ²;  p −= lr·Δ
 *
 * Memory    two numbers per parameter
 * Source    Zeiler 2012, ADADELTA; PyTorch's formulas
 */
export class Adadelta extends Optimizer<AdadeltaSettings> {
  constructor(params: Parameters<AdadeltaSettings>, options: Partial<AdadeltaSettings> = {}) {
    const {
      lr = 1,
      rho = 0.9,
      eps = 1e-6,
      weightDecay = 0,
    } = checked("Adadelta", options, ["lr", "rho", "eps", "weightDecay"]);
    super(params, { lr, rho, eps, weightDecay });
  }

  protected override check(settings: AdadeltaSettings): void {
    super.check(settings);
    if (settings.rho >= 1) throw this.complaint(`rho = ${settings.rho} — must be below 1`);
    if (settings.eps === 0) throw this.complaint("eps = 0 — the first step would be 0, and so all others");
  }

  protected override remembers(): string[] {
    return ["v", "moved"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { v, moved }: Readonly<Record<string, Tensor>>,
    { lr, rho, eps, weightDecay }: AdadeltaSettings,
  ): void {
    kernel.adadelta(p, g, v, moved, p.size, lr, rho, eps, weightDecay);
  }

  override moves({ lr, rho, eps, weightDecay }: AdadeltaSettings): Move {
    const faded = (mean: Tensor, x: Tensor) => mean.mul(rho).add(x.square().mul(1 - rho));
    return ({ p, state }, g) => {
      const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
      const v = faded(state.v, d);
      const move = state.moved.add(eps).sqrt().div(v.add(eps).sqrt()).mul(d);
      return { p: p.sub(move.mul(lr)), state: { v, moved: faded(state.moved, move) } };
    };
  }
}
