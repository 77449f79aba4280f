import type { Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";

export interface GELUOptions {
  /** "none" is exact (through erf), "tanh" the approximation of GPT-2; they differ by less than 5e-4. */
  readonly approximate?: "none" | "tanh";
}

/** x·Φ(x): the input times the probability that a normal draw is below it. */
export const gelu = (x: Tensor, options: GELUOptions = {}): Tensor => x.gelu(options);

/** `gelu` as a layer. Source: Hendrycks & Gimpel 2016, Gaussian error linear units. */
export class GELU extends Activation {
  readonly approximate: "none" | "tanh";

  constructor({ approximate = "none" }: GELUOptions = {}) {
    super();
    this.approximate = approximate;
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }
}
