import { checked, defaultRandom, expectArgument, kernels, Random, repeated } from "../00-runtime/index.ts";
import { expectTensor, Function, type Gradient, type Tensor } from "../01-tensor/index.ts";
import * as reference from "./dropout.reference.ts";
import * as split from "./dropout.split.ts";
import { Module } from "./module.ts";

const kernel = kernels(reference, split);
const TWO_32 = 2 ** 32;

/** A replay of a captured step draws anew, as the step would. */
function draw(mask: Tensor, p: number, random: Random): void {
  const { seed, counter } = random.reserve(Math.ceil(mask.size / 4));
  const [low, high] = [counter >>> 0, Math.floor(counter / TWO_32)];
  kernel.dropoutMask(mask, mask.size, p, seed >>> 0, Math.floor(seed / TWO_32), low, high);
}

/** The draw as a node of its own: who records a training step finds here what enters it from outside. */
export class DropoutMask extends Function {
  readonly #p: number;
  readonly #random: Random;
  constructor(p: number, random: Random) {
    super();
    [this.#p, this.#random] = [p, random];
  }
  override get differentiable(): boolean {
    return false;
  }
  forward(x: Tensor): Tensor {
    const mask = x.newEmpty(x.shape);
    repeated([mask], (mask) => draw(mask, this.#p, this.#random));
    return mask;
  }
  backward(): Gradient[] {
    return [null];
  }
}

/** A tensor like x of zeros (with probability p) and 1/(1 − p). Same generator state, same mask, on any number of threads. */
export const dropoutMask = (x: Tensor, p: number, random: Random = defaultRandom): Tensor => {
  expectArgument(typeof p === "number", "dropoutMask", "p", p, "a probability");
  expectArgument(
    random instanceof Random,
    "dropoutMask",
    "random",
    random,
    "a Random, such as new Random(1)",
  );
  return new DropoutMask(p, random).apply(expectTensor("dropoutMask", x));
};

/**
 * Silences each element with probability p while training and scales the rest by 1/(1 − p), so that the expected
 * value stays; in eval mode it does nothing.
 *
 * Gradient  g times the same mask
 * Source    Srivastava et al. 2014, Dropout
 */
export class Dropout extends Module {
  readonly p: number;
  readonly #random: Random;

  constructor(p = 0.5, options: { readonly random?: Random } = {}) {
    const { random = defaultRandom } = checked("Dropout", options, ["random"]);
    super();
    if (!(p >= 0 && p < 1)) throw new RangeError(`Dropout: p = ${p} — a probability from 0 to below 1`);
    [this.p, this.#random] = [p, random];
  }

  // exercise: layers-dropout
  override forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x;
    const y = x.asFloat();
    return y.mul(dropoutMask(y, this.p, this.#random));
  }

  protected override describe(): string {
    return `p: ${this.p}`;
  }
}
