import { checked, type Half } from "../00-runtime/index.ts";
import { autocast, type Tensor } from "../01-tensor/index.ts";
import { expectModule, type Module } from "../03-layers/index.ts";
import {
  type Json,
  type Precision,
  TRAINER_OPTIONS,
  Trainer,
  type TrainerOptions,
  type When,
} from "../07-training/index.ts";
import { LossScale, type LossScaleOptions } from "./mixed-precision-scale.ts";

/** Options of `MixedPrecisionTrainer`. */
export interface MixedPrecisionOptions extends Omit<TrainerOptions, "precision">, LossScaleOptions {
  /** What products are computed in. Default: "float16"; "bfloat16" has the range of float32 and needs no scale. */
  readonly dtype?: Half;
}

/**
 * A `Trainer` that multiplies in 16 bits: half of the memory for what is kept for backward.
 *
 *   const trainer = new MixedPrecisionTrainer({ model, optimizer, loss: crossEntropy, lossScale: 1024 });
 *   await trainer.fit(loader, { epochs: 5, validation });
 *
 * Parameters, their gradients and the optimizer stay in float32. The model runs under `autocast`; the loss is float32. Small
 * gradients would become 0 in float16: so the loss is multiplied by a scale, and gradients are divided by it before they are clipped.
 * A step whose gradients have overflowed is skipped, and the scale halved; it doubles after `growthInterval` steps without one.
 *
 * The scale is part of `stateDict`, and so of checkpoints.
 *
 * Throws  DivergenceError where gradients overflow with a scale of 1: then no scale helps
 * Source  Micikevicius et al. 2018, Mixed precision training
 */
export class MixedPrecisionTrainer extends Trainer {
  readonly scale: LossScale;

  constructor(options: MixedPrecisionOptions) {
    const {
      dtype = "float16",
      lossScale,
      growthInterval,
      ...rest
    } = checked("MixedPrecisionTrainer", options, ["dtype", "lossScale", "growthInterval", ...OWN_OPTIONS]);
    expectModule("MixedPrecisionTrainer", rest.model);
    if (dtype !== "float16" && dtype !== "bfloat16")
      throw new TypeError(
        `MixedPrecisionTrainer: dtype ${JSON.stringify(dtype)} — "float16" or "bfloat16"; for float32 use Trainer`,
      );
    const wide = dtype === "bfloat16";
    const scale = new LossScale({
      lossScale: lossScale ?? (wide ? 1 : 1024),
      growthInterval: growthInterval ?? (wide ? Number.POSITIVE_INFINITY : 2000),
    });
    refuseHalves(rest.model);
    super({ ...rest, precision: new MixedPrecision(dtype, scale) });
    this.scale = scale;
  }
}

const OWN_OPTIONS = TRAINER_OPTIONS.filter((name) => name !== "precision");

class MixedPrecision implements Precision {
  readonly #dtype: Half;
  readonly #scale: LossScale;

  constructor(dtype: Half, scale: LossScale) {
    [this.#dtype, this.#scale] = [dtype, scale];
  }

  get scale(): number {
    return this.#scale.value;
  }

  /** In float32 at the end: whatever the loss and the metrics are, they need not know. */
  forward(model: Module, x: Tensor): Tensor {
    const y = autocast(this.#dtype, () => model.forward(x));
    return y.isHalf ? y.to("float32") : y;
  }

  unscale(parameters: readonly Tensor[], model: Module, when: When): boolean {
    return this.#scale.unscale(parameters, when, model);
  }

  stateDict(): Json {
    return this.#scale.stateDict();
  }

  loadStateDict(state: Json): void {
    this.#scale.loadStateDict(state);
  }
}

/** Weights in 16 bits would lose most steps. */
function refuseHalves(model: Module): void {
  const half = model.namedParameters().find(([, parameter]) => parameter.isHalf);
  if (!half) return;
  throw new TypeError(
    `MixedPrecisionTrainer: parameter ${half[0]} is ${half[1].dtype} — it keeps parameters in float32 and rounds them for each product; ` +
      'convert the model back: model.to("float32")',
  );
}
