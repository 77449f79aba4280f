import { checked } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";
import { Softplus as SoftplusFunction } from "./piecewise.ts";

/** Options of `softplus` and `Softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is: from 0, a straight line, to ∞, ReLU. */
  readonly beta?: number;
  /** Where beta·x is above, y = x: the two differ by less than e^−threshold. Infinity leaves the formula alone. */
  readonly threshold?: number;
}

/**
 * A ReLU without a kink; its slope is the sigmoid.
 *
 *   y = ln(1 + e^βx)/β = max(x, 0) + ln(1 + e^−|βx|)/β
 *
 * The second form cannot overflow.
 *
 * Gradient  g·σ(βx)
 * Throws    RangeError for a beta that is not positive and finite, or a threshold that is NaN
 * ONNX      Softplus, with Mul, Div and Where around it as the options need
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  const { beta = 1, threshold = 20 } = checked("softplus", options, ["beta", "threshold"]);
  checkOptions("softplus", beta, threshold);
  return new SoftplusFunction(beta, threshold).apply(expectTensor("softplus", x).asFloat());
}

/** `softplus` as a layer. Source: Dugas et al. 2001. */
export class Softplus extends Activation {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: SoftplusOptions = {}) {
    const { beta = 1, threshold = 20 } = checked("Softplus", options, ["beta", "threshold"]);
    super();
    checkOptions("Softplus", beta, threshold);
    [this.beta, this.threshold] = [beta, threshold];
  }

  forward(x: Tensor): Tensor {
    return softplus(x, { beta: this.beta, threshold: this.threshold });
  }
}

function checkOptions(call: string, beta: number, threshold: number): void {
  if (!(beta > 0 && Number.isFinite(beta)))
    throw new RangeError(`${call}: beta = ${beta} — a positive, finite number`);
  if (typeof threshold !== "number" || Number.isNaN(threshold)) {
    throw new RangeError(`${call}: threshold = ${threshold} — a number; Infinity for none`);
  }
}
