import type { Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";

/** 1/(1 + e⁻ˣ), from 0 to 1; computed from e^(−|x|), so nothing overflows. */
export const sigmoid = (x: Tensor): Tensor => x.sigmoid();

/** `sigmoid` as a layer. */
export class Sigmoid extends Activation {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
