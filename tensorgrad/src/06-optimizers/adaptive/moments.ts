import { checked, kernels } from "../../00-runtime/index.ts";
import { fromArray, full, type Tensor } from "../../01-tensor/index.ts";
import { type Move, Optimizer, type Parameters } from "../optimizer.ts";
import { wrongBetas } from "./betas.ts";
import * as reference from "./moments.reference.ts";
import * as split from "./moments.split.ts";

const kernel = kernels(reference, split);

// 1 − βᵗ cancels at first: float32 would keep four digits of 1 − 0.999.
const wide = { dtype: "float64" } as const;

/** βᵗ */
const power = (beta: number, step: Tensor): Tensor => full([], beta, wide).pow(step.to("float64"));
const oneMinus = (x: Tensor): Tensor => x.neg().add(1);

/** Options of `RAdam`. */
export interface RAdamSettings {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

/** Options of `NAdam`. */
export interface NAdamSettings extends RAdamSettings {
  /** How fast the momentum grows towards β₁: μₜ = β₁·(1 − ½·0.96^(t·momentumDecay)). */
  momentumDecay: number;
}

/** What depends on the step alone: p −= (gRate·d + mRate·m)/(scale·√v + eps). */
interface Rates<T> {
  readonly gRate: T;
  readonly mRate: T;
  readonly scale: T;
  readonly eps: T;
}

/** Optimizers that move by the gradient and its running mean, over the root of the running mean of its square. */
abstract class OnMoments<Settings extends RAdamSettings> extends Optimizer<Settings> {
  protected abstract rates(settings: Settings, step: number): Rates<number>;
  /** The same for a step that a graph knows only when it runs. */
  protected abstract ratesAt(settings: Settings, step: Tensor): Rates<Tensor>;

  protected override check(settings: Settings): void {
    super.check(settings);
    const wrong = wrongBetas(settings.betas);
    if (wrong) throw this.complaint(wrong);
  }

  protected override remembers(): string[] {
    return ["m", "v"];
  }

  protected override update(
    p: Tensor,
    g: Tensor,
    { m, v }: Readonly<Record<string, Tensor>>,
    settings: Settings,
    step: number,
  ): void {
    const { gRate, mRate, scale, eps } = this.rates(settings, step);
    kernel.moments(p, g, m, v, p.size, gRate, mRate, ...settings.betas, scale, eps, settings.weightDecay);
  }

  override moves(settings: Settings, step: Tensor): Move {
    const {
      betas: [beta1, beta2],
      weightDecay,
    } = settings;
    const { gRate, mRate, scale, eps } = this.ratesAt(settings, step);
    return ({ p, state }, g) => {
      const d = weightDecay === 0 ? g : g.add(p.mul(weightDecay));
      const m = state.m.add(d.sub(state.m).mul(1 - beta1));
      const v = state.v.mul(beta2).add(d.square().mul(1 - beta2));
      const [along, onward, factor, least] = [gRate, mRate, scale, eps].map((rate) => rate.to(p.dtype));
      const move = d.mul(along).add(m.mul(onward)).div(v.sqrt().mul(factor).add(least));
      return { p: p.sub(move), state: { m, v } };
    };
  }
}

// ————————————————————————————————————————————————————————————————————————————————————————————— NAdam

/** A product of momenta below this has no share in 1 − product. */
const NOTHING = 2 ** -60;

/** μ₁ … μₙ, as far as their product counts; the last product stands for all later ones. */
function momenta({ betas: [beta1], momentumDecay }: NAdamSettings): number[] {
  const list: number[] = [];
  for (let product = 1; product > NOTHING && beta1 > 0; ) {
    list.push(momentum(beta1, momentumDecay, list.length + 1));
    product *= list[list.length - 1];
  }
  return list;
}

const momentum = (beta1: number, decay: number, step: number): number =>
  beta1 * (1 - 0.5 * 0.96 ** (step * decay));

/**
 * Adam with Nesterov's momentum: the step looks ahead to where the mean of gradients will be.
 *
 *   p −= lr·((1 − μₜ)/(1 − Πμ)·d + μₜ₊₁/(1 − Πμ·μₜ₊₁)·m)/(√v̂ + eps),  Πμ = μ₁·…·μₜ,  v̂ = v/(1 − β₂ᵗ)
 *
 * Here weight decay is part of the gradient: d = g + weightDecay·p.
 *
 * Memory    two numbers per parameter
 * Source    Dozat 2016, Incorporating Nesterov momentum into Adam; PyTorch's formulas
 */
export class NAdam extends OnMoments<NAdamSettings> {
  #products: { readonly key: string; readonly list: readonly number[] } | null = null;

  constructor(params: Parameters<NAdamSettings>, options: Partial<NAdamSettings> = {}) {
    const {
      lr = 2e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 0,
      momentumDecay = 4e-3,
    } = checked("NAdam", options, ["lr", "betas", "eps", "weightDecay", "momentumDecay"]);
    super(params, { lr, betas, eps, weightDecay, momentumDecay });
  }

  protected override rates(settings: NAdamSettings, step: number): Rates<number> {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
      momentumDecay,
    } = settings;
    const [mu, next] = [0, 1].map((ahead) => momentum(beta1, momentumDecay, step + ahead));
    const product = this.#product(settings, step);
    return {
      gRate: (lr * (1 - mu)) / (1 - product),
      mRate: (lr * next) / (1 - product * next),
      scale: 1 / Math.sqrt(1 - beta2 ** step),
      eps,
    };
  }

  /** Π μ of the first `step` steps; made once for each pair of settings that it depends on. */
  #product(settings: NAdamSettings, step: number): number {
    const key = `${settings.betas[0]} ${settings.momentumDecay}`;
    if (this.#products?.key !== key) {
      let product = 1;
      this.#products = { key, list: momenta(settings).map((mu) => (product *= mu)) };
    }
    const { list } = this.#products;
    return list[Math.min(step, list.length) - 1] ?? 0;
  }

  protected override ratesAt(settings: NAdamSettings, step: Tensor): Rates<Tensor> {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
      momentumDecay,
    } = settings;
    const t = step.to("float64");
    const at = (ahead: number) =>
      oneMinus(full([], 0.96, wide).pow(t.add(ahead).mul(momentumDecay)).mul(0.5)).mul(beta1);
    const list = momenta(settings);
    const all = fromArray(list, [list.length], wide);
    const numbers = fromArray(
      list.map((_, i) => i + 1),
      [list.length],
      wide,
    );
    const product = list.length === 0 ? full([], 0, wide) : numbers.le(t).where(all, 1).prod();
    const [mu, next] = [at(0), at(1)];
    return {
      gRate: oneMinus(mu).mul(lr).div(oneMinus(product)),
      mRate: next.mul(lr).div(oneMinus(product.mul(next))),
      scale: oneMinus(power(beta2, step)).rsqrt(),
      eps: full([], eps, wide),
    };
  }
}

// ————————————————————————————————————————————————————————————————————————————————————————————— RAdam

/** From so many gradients' worth of v on, it is trusted. */
const TRUSTED = 5;

/**
 * Adam that divides by √v only once v is known well enough; before, it moves by the mean alone. So it needs no warmup.
 *
 *   ρ∞ = 2/(1 − β₂) − 1;  ρ = ρ∞ − 2·t·β₂ᵗ/(1 − β₂ᵗ)
 *   ρ > 5: p −= lr·r·m̂·√(1 − β₂ᵗ)/(√v + eps), r = √((ρ − 4)·(ρ − 2)·ρ∞/((ρ∞ − 4)·(ρ∞ − 2)·ρ));  else p −= lr·m̂
 *
 * Here weight decay is part of the gradient: g + weightDecay·p.
 *
 * Memory    two numbers per parameter
 * Source    Liu et al. 2020, On the variance of the adaptive learning rate and beyond; PyTorch's formulas
 */
export class RAdam extends OnMoments<RAdamSettings> {
  constructor(params: Parameters<RAdamSettings>, options: Partial<RAdamSettings> = {}) {
    const {
      lr = 1e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 0,
    } = checked("RAdam", options, ["lr", "betas", "eps", "weightDecay"]);
    super(params, { lr, betas, eps, weightDecay });
  }

  protected override rates({ lr, betas: [beta1, beta2], eps }: RAdamSettings, step: number): Rates<number> {
    const [rest, most] = [1 - beta2 ** step, 2 / (1 - beta2) - 1];
    const rho = most - (2 * step * beta2 ** step) / rest;
    const mRate = lr / (1 - beta1 ** step);
    if (!(rho > TRUSTED)) return { gRate: 0, mRate, scale: 0, eps: 1 };
    const share = ((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho);
    return { gRate: 0, mRate: mRate * Math.sqrt(share * rest), scale: 1, eps };
  }

  protected override ratesAt({ lr, betas: [beta1, beta2], eps }: RAdamSettings, step: Tensor): Rates<Tensor> {
    const [faded, most] = [power(beta2, step), 2 / (1 - beta2) - 1];
    const rest = oneMinus(faded);
    const rho = step.to("float64").mul(faded).mul(2).div(rest).neg().add(most);
    const trusted = rho.gt(TRUSTED);
    const known = trusted.where(rho, most); // the root below has a value, too, where nobody asks for it
    const share = known
      .sub(4)
      .mul(known.sub(2))
      .mul(most)
      .div(known.mul((most - 4) * (most - 2)));
    const mRate = oneMinus(power(beta1, step)).reciprocal().mul(lr);
    return {
      gRate: full([], 0, wide),
      mRate: trusted.where(mRate.mul(share.mul(rest).sqrt()), mRate),
      scale: trusted.where(full([], 1, wide), 0),
      eps: trusted.where(full([], eps, wide), 1),
    };
  }
}
