import { checked, kernels } from "../00-runtime/index.ts";
import { full, type Tensor } from "../01-tensor/index.ts";
import * as reference from "./adam.reference.ts";
import * as split from "./adam.split.ts";
import { wrongBetas } from "./adaptive/betas.ts";
import { type Move, Optimizer, type Parameters } from "./optimizer.ts";

const kernel = kernels(reference, split);

/** Options of `Adam` and `AdamW`. */
export interface AdamSettings {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** Divides by the largest v so far instead of the present one. */
  amsgrad: boolean;
}

/**
 * Steps scaled by running means of the gradient (m) and of its square (v), both freed of their bias towards 0.
 *
 *   m = β₁·m + (1 − β₁)·g;  v = β₂·v + (1 − β₂)·g²;  p −= lr·m̂/(√v̂ + eps),  m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
 *
 * Here weight decay is part of the gradient: g + weightDecay·p.
 *
 * Memory    two numbers per parameter; amsgrad three
 * Source    Kingma & Ba 2015; Reddi et al. 2018 (amsgrad); PyTorch's formulas
 */
export class Adam extends Optimizer<AdamSettings> {
  protected readonly decoupled: boolean = false;

  constructor(params: Parameters<AdamSettings>, options: Partial<AdamSettings> = {}) {
    const {
      lr = 1e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 0,
      amsgrad = false,
    } = checked("Adam", options, ["lr", "betas", "eps", "weightDecay", "amsgrad"]);
    super(params, { lr, betas, eps, weightDecay, amsgrad });
  }

  protected override check(settings: AdamSettings): void {
    super.check(settings);
    const wrong = wrongBetas(settings.betas);
    if (wrong) throw this.complaint(wrong);
  }

  protected override remembers({ amsgrad }: AdamSettings): string[] {
    return amsgrad ? ["m", "v", "largest"] : ["m", "v"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { m, v, largest }: Readonly<Record<string, Tensor>>,
    { lr, betas, eps, weightDecay }: AdamSettings,
    step: number,
  ): void {
    const rest = [p.size, lr, ...betas, eps, weightDecay, this.decoupled ? 1 : 0, step] as const;
    if (largest) kernel.amsgrad(p, g, m, v, largest, ...rest);
    else kernel.adam(p, g, m, v, ...rest);
  }

  override moves({ lr, betas: [beta1, beta2], eps, weightDecay }: AdamSettings, step: Tensor): Move {
    const { decoupled } = this;
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
}

/** Adam whose weight decay shrinks the weights directly, p −= lr·weightDecay·p. Source: Loshchilov & Hutter 2019. */
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  constructor(params: Parameters<AdamSettings>, options: Partial<AdamSettings> = {}) {
    const { weightDecay = 0.01, ...settings } = checked("AdamW", options, [
      "lr",
      "betas",
      "eps",
      "weightDecay",
      "amsgrad",
    ]);
    super(params, { weightDecay, ...settings });
  }
}
