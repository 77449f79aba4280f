import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";
import { elu } from "./elu.ts";
import { Hardtanh } from "./held.ts";
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
export const relu = (x: Tensor): Tensor => expectTensor("relu", x).relu();
/** The layer of `relu`. */
export class ReLU extends layer(relu) {}

/** max(x, 0)². Derivative: 2·max(x, 0). Source: So et al. 2021, Primer. */
export const reluSquared = (x: Tensor): Tensor =>
  new ReluSquared().apply(expectTensor("reluSquared", x).asFloat());
/** The layer of `reluSquared`. */
export class ReLUSquared extends layer(reluSquared) {}

/** σ(x) = 1/(1 + e⁻ˣ), from 0 to 1; computed from e^(−|x|), so nothing overflows. Derivative: σ(x)·(1 − σ(x)). */
export const sigmoid = (x: Tensor): Tensor => expectTensor("sigmoid", x).sigmoid();
/** The layer of `sigmoid`. */
export class Sigmoid extends layer(sigmoid) {}

/** The hyperbolic tangent, from −1 to 1: 2·σ(2x) − 1. Derivative: 1 − tanh² x. */
export const tanh = (x: Tensor): Tensor => expectTensor("tanh", x).tanh();
/** The layer of `tanh`. */
export class Tanh extends layer(tanh) {}

/** x·σ(x), also called swish. Derivative: σ(x)·(1 + x·(1 − σ(x))). Source: Elfwing et al. 2018. */
export const silu = (x: Tensor): Tensor => expectTensor("silu", x).silu();
/** The layer of `silu`. */
export class SiLU extends layer(silu) {}

/** x·tanh(softplus(x)). Derivative: t + x·(1 − t²)·σ(x), t = tanh(softplus(x)). Source: Misra 2020. */
export const mish = (x: Tensor): Tensor => expectTensor("mish", x).mul(softplus(x).tanh());
/** The layer of `mish`. */
export class Mish extends layer(mish) {}

/**
 * ln σ(x) = −ln(1 + e⁻ˣ), exact where σ(x) rounds to 0 or to 1. Derivative: σ(−x). Like the losses of scores, it keeps a
 * probability as its logarithm.
 */
export const logsigmoid = (x: Tensor): Tensor =>
  softplus(expectTensor("logsigmoid", x).neg(), { threshold: Infinity }).neg();
/** The layer of `logsigmoid`. */
export class LogSigmoid extends layer(logsigmoid) {}

/** x/(1 + |x|), from −1 to 1, which it nears more slowly than tanh. Derivative: 1/(1 + |x|)². Source: Bergstra et al. 2009. */
export const softsign = (x: Tensor): Tensor => expectTensor("softsign", x).div(x.abs().add(1));
/** The layer of `softsign`. */
export class Softsign extends layer(softsign) {}

/** min(max(x, 0), 6): room for few bits is enough for it. Derivative: 1 between 0 and 6, else 0. Source: Krizhevsky 2010. */
export const relu6 = (x: Tensor): Tensor => new Hardtanh(0, 6).apply(expectTensor("relu6", x).asFloat());
/** The layer of `relu6`. */
export class ReLU6 extends layer(relu6) {}

/** With these, outputs have mean 0 and variance 1 where inputs have. Source: Klambauer et al. 2017. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** s·x where x > 0, else s·α·(eˣ − 1). Derivative: s, or s·α·eˣ. Source: Klambauer et al. 2017, Self-normalizing networks. */
export const selu = (x: Tensor): Tensor => elu(x, { alpha: SELU_ALPHA }).mul(SELU_SCALE);
/** The layer of `selu`. */
export class SELU extends layer(selu) {}

/** min(max(x/6 + ½, 0), 1): three straight pieces for the sigmoid. Derivative: 1/6 between −3 and 3, else 0. */
export const hardsigmoid = (x: Tensor): Tensor =>
  new Hardtanh(0, 1).apply(expectTensor("hardsigmoid", x).div(6).add(0.5));
/** The layer of `hardsigmoid`. */
export class Hardsigmoid extends layer(hardsigmoid) {}

/** x·min(max(x/6 + ½, 0), 1). Derivative: 0 below −3, x/3 + ½ up to 3, 1 above. Source: Howard et al. 2019, MobileNetV3. */
export const hardswish = (x: Tensor): Tensor =>
  expectTensor("hardswish", x).mul(x.div(6).add(0.5).clamp(0, 1));
/** The layer of `hardswish`. */
export class Hardswish extends layer(hardswish) {}
