import { checked } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation, requireFinite } from "./activation.ts";
import { Elu } from "./piecewise.ts";

/** Options of `elu` and `ELU`. */
export interface ELUOptions {
  /** How far below 0 the function levels off: at −alpha. */
  readonly alpha?: number;
}

/**
 * The identity above 0, an exponential that levels off below: outputs average nearer to 0 than ReLU's.
 *
 *   y = x where x > 0, else α·(eˣ − 1)
 *
 * Gradient  g where x > 0, else g·α·eˣ
 * Throws    RangeError if alpha is not finite
 * ONNX      Elu
 */
export function elu(x: Tensor, options: ELUOptions = {}): Tensor {
  const { alpha = 1 } = checked("elu", options, ["alpha"]);
  requireFinite("elu", "alpha", alpha);
  expectTensor("elu", x);
  return new Elu(alpha).apply(x.asFloat());
}

/** `elu` as a layer. Source: Clevert, Unterthiner & Hochreiter 2016. */
export class ELU extends Activation {
  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    const { alpha = 1 } = checked("ELU", options, ["alpha"]);
    super();
    requireFinite("ELU", "alpha", alpha);
    this.alpha = alpha;
  }

  forward(x: Tensor): Tensor {
    return elu(x, { alpha: this.alpha });
  }
}
