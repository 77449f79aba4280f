import type { Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";
import { ReluSquared } from "./piecewise.ts";
import { softplus } from "./softplus.ts";

/** Activations without settings: a function, its derivative, and the layer that calls it. */

/** What declarations call the classes below; each says what it computes. */
class Plain extends Activation {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/** A layer for a function that has no settings. */
const layer = (f: (x: Tensor) => Tensor): (new () => Plain) =>
  class extends Plain {
    override forward(x: Tensor): Tensor {
      return f(x);
    }
  };

/** max(x, 0). Derivative: 1 where x is positive, 0 elsewhere (at 0, too). Source: Nair & Hinton 2010. */
export const relu = (x: Tensor): Tensor => x.relu();
export class ReLU extends layer(relu) {}

/** max(x, 0)². Derivative: 2·max(x, 0). Source: So et al. 2021, Primer. */
export const reluSquared = (x: Tensor): Tensor => new ReluSquared().apply(x.asFloat());
export class ReLUSquared extends layer(reluSquared) {}

/** σ(x) = 1/(1 + e⁻ˣ), from 0 to 1; computed from e^(−|x|), so nothing overflows. Derivative: σ(x)·(1 − σ(x)). */
export const sigmoid = (x: Tensor): Tensor => x.sigmoid();
export class Sigmoid extends layer(sigmoid) {}

/** The hyperbolic tangent, from −1 to 1: 2·σ(2x) − 1. Derivative: 1 − tanh² x. */
export const tanh = (x: Tensor): Tensor => x.tanh();
export class Tanh extends layer(tanh) {}

/** x·σ(x), also called swish. Derivative: σ(x)·(1 + x·(1 − σ(x))). Source: Elfwing et al. 2018. */
export const silu = (x: Tensor): Tensor => x.silu();
export class SiLU extends layer(silu) {}

/** x·tanh(softplus(x)). Derivative: t + x·(1 − t²)·σ(x), t = tanh(softplus(x)). Source: Misra 2020. */
export const mish = (x: Tensor): Tensor => x.mul(softplus(x).tanh());
export class Mish extends layer(mish) {}
