import { checked } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";
import { elu } from "./elu.ts";

/** Options of `celu` and `CELU`. */
export interface CELUOptions {
  /** How far below 0 the function levels off: at −alpha. */
  readonly alpha?: number;
}

/**
 * An ELU whose slope at 0 is 1 from both sides, whatever alpha is.
 *
 *   y = x where x > 0, else α·(e^(x/α) − 1)
 *
 * Gradient  g where x > 0, else g·e^(x/α)
 * Throws    RangeError if alpha is not positive and finite
 * ONNX      Elu of x/α, times α, where x is not positive
 */
export function celu(x: Tensor, options: CELUOptions = {}): Tensor {
  const { alpha = 1 } = checked("celu", options, ["alpha"]);
  expectTensor("celu", x);
  checkAlpha("celu", alpha);
  if (alpha === 1) return elu(x);
  return x.gt(0).where(x.asFloat(), elu(x.div(alpha)).mul(alpha));
}

function checkAlpha(call: string, alpha: number): void {
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new RangeError(`${call}: alpha = ${alpha} — a positive, finite number`);
}

/** `celu` as a layer. Source: Barron 2017. */
export class CELU extends Activation {
  readonly alpha: number;

  constructor(options: CELUOptions = {}) {
    const { alpha = 1 } = checked("CELU", options, ["alpha"]);
    super();
    checkAlpha("CELU", alpha);
    this.alpha = alpha;
  }

  forward(x: Tensor): Tensor {
    return celu(x, { alpha: this.alpha });
  }
}
