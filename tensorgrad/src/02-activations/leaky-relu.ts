import { checked } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Activation, requireFinite } from "./activation.ts";
import { LeakyRelu } from "./piecewise.ts";

/** Options of `leakyRelu` and `LeakyReLU`. */
export interface LeakyReLUOptions {
  /** The slope below 0, so that a unit that is off still learns. */
  readonly negativeSlope?: number;
}

/**
 * A ReLU that lets a little through below 0.
 *
 *   y = x where x > 0, else negativeSlope·x
 *
 * Gradient  g where x > 0, else negativeSlope·g
 * Throws    RangeError if negativeSlope is not finite
 * ONNX      LeakyRelu
 */
export function leakyRelu(x: Tensor, options: LeakyReLUOptions = {}): Tensor {
  const { negativeSlope = 0.01 } = checked("leakyRelu", options, ["negativeSlope"]);
  requireFinite("leakyRelu", "negativeSlope", negativeSlope);
  return new LeakyRelu(negativeSlope).apply(expectTensor("leakyRelu", x).asFloat());
}

/** `leakyRelu` as a layer. Source: Maas, Hannun & Ng 2013. */
export class LeakyReLU extends Activation {
  readonly negativeSlope: number;

  constructor(options: LeakyReLUOptions = {}) {
    const { negativeSlope = 0.01 } = checked("LeakyReLU", options, ["negativeSlope"]);
    super();
    requireFinite("LeakyReLU", "negativeSlope", negativeSlope);
    this.negativeSlope = negativeSlope;
  }

  forward(x: Tensor): Tensor {
    return leakyRelu(x, { negativeSlope: this.negativeSlope });
  }
}
