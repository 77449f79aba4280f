import type { Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";

/** x·σ(x), also called swish. */
export const silu = (x: Tensor): Tensor => x.silu();

/** `silu` as a layer. Source: Elfwing et al. 2018. */
export class SiLU extends Activation {
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}
