import type { Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";

/** The hyperbolic tangent, from −1 to 1: 2·sigmoid(2x) − 1. */
export const tanh = (x: Tensor): Tensor => x.tanh();

/** `tanh` as a layer. */
export class Tanh extends Activation {
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
