import { checked } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";

/** Options of `gelu` and `GELU`. */
export interface GELUOptions {
  /** "none" is exact (through erf), "tanh" the approximation of GPT-2; they differ by less than 5e-4. */
  readonly approximate?: "none" | "tanh";
}

/**
 * The input times the probability that a normal draw is below it.
 *
 *   y = x·Φ(x), or ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
 *
 * Gradient  g·(Φ(x) + x·φ(x)), or that of the approximation
 * Throws    RangeError for another word than "none" and "tanh"
 * ONNX      Gelu
 */
export function gelu(x: Tensor, options: GELUOptions = {}): Tensor {
  const { approximate = "none" } = checked("gelu", options, ["approximate"]);
  checkApproximate("gelu", approximate);
  return expectTensor("gelu", x).gelu({ approximate });
}

/** Throws  RangeError for another word */
function checkApproximate(call: string, approximate: string): void {
  if (approximate === "none" || approximate === "tanh") return;
  throw new RangeError(`${call}: approximate = ${JSON.stringify(approximate)} — "none" or "tanh"`);
}

/** `gelu` as a layer. Source: Hendrycks & Gimpel 2016, Gaussian error linear units. */
export class GELU extends Activation {
  readonly approximate: "none" | "tanh";

  constructor(options: GELUOptions = {}) {
    const { approximate = "none" } = checked("GELU", options, ["approximate"]);
    super();
    checkApproximate("GELU", approximate);
    this.approximate = approximate;
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }
}
