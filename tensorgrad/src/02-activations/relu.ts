import type { Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";

/** max(x, 0): slope 1 where x is positive, 0 elsewhere (at 0, too). */
export const relu = (x: Tensor): Tensor => x.relu();

/** `relu` as a layer. Source: Nair & Hinton 2010. */
export class ReLU extends Activation {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}
