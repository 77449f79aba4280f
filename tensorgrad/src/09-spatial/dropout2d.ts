import { checked, defaultRandom, type Random, ShapeError, show } from "../00-runtime/index.ts";
import { type Tensor, zeros } from "../01-tensor/index.ts";
import { dropoutMask, Module } from "../03-layers/index.ts";

/**
 * Silences whole channels of each image with probability p while training and scales the rest by 1/(1 − p). Pixels
 * next to each other say nearly the same: silenced one by one, their neighbours would speak for them.
 *
 * Shapes    x [N, C, …] → the same; the mask is [N, C, 1, …]
 * Gradient  g times the same mask
 * Source    Tompson et al. 2015, Efficient object localization using convolutional networks
 */
export class Dropout2d extends Module {
  readonly p: number;
  readonly #random: Random;

  constructor(p = 0.5, options: { readonly random?: Random } = {}) {
    const { random = defaultRandom } = checked("Dropout2d", options, ["random"]);
    super();
    if (!(p >= 0 && p < 1)) throw new RangeError(`Dropout2d: p = ${p} — a probability from 0 to below 1`);
    [this.p, this.#random] = [p, random];
  }

  override forward(x: Tensor): Tensor {
    if (x.rank < 2)
      throw new ShapeError(`Dropout2d(p: ${this.p}): expected images [N, C, …], got ${show(x.shape)}`);
    if (!this.training || this.p === 0) return x;
    const y = x.asFloat();
    const shape = x.shape.map((n, d) => (d < 2 ? n : 1));
    return y.mul(dropoutMask(zeros(shape, { dtype: y.dtype }), this.p, this.#random));
  }

  protected override describe(): string {
    return `p: ${this.p}`;
  }
}
