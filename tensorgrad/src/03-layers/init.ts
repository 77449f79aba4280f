import { defaultRandom, type Random, ShapeError, show } from "../00-runtime/index.ts";
import { fillWith, type Shape, type Tensor } from "../01-tensor/index.ts";

/**
 * First values of weights. Each function overwrites a tensor and returns it.
 *
 * A weight of shape [out, in, …] sees fanIn = in·… numbers per output and feeds fanOut = out·… ones; the spread is
 * chosen so that signals (fanIn) or gradients (fanOut) keep their size from layer to layer.
 */
export interface Draw {
  readonly random?: Random;
}

function draw(x: Tensor, next: () => number): Tensor {
  return x.assign(Float64Array.from({ length: x.size }, next));
}

export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `init: a tensor of shape ${show(shape)} — fan-in and fan-out need at least two dims, [out, in, …]`,
    );
  }
  const field = shape.slice(2).reduce((product, n) => product * n, 1);
  return { fanIn: shape[1] * field, fanOut: shape[0] * field };
}

export const uniform = (x: Tensor, low = 0, high = 1, { random = defaultRandom }: Draw = {}): Tensor =>
  draw(x, () => low + (high - low) * random.uniform());

export const normal = (x: Tensor, mean = 0, std = 1, { random = defaultRandom }: Draw = {}): Tensor =>
  draw(x, () => mean + std * random.normal());

export const zeros = (x: Tensor): Tensor => fillWith(x, 0);
export const ones = (x: Tensor): Tensor => fillWith(x, 1);

/** Deviation √(2/(fanIn + fanOut)), for tanh and sigmoid. Source: Glorot & Bengio 2010. */
export function xavierUniform(
  x: Tensor,
  { gain = 1, ...options }: Draw & { readonly gain?: number } = {},
): Tensor {
  const { fanIn, fanOut } = fans(x.shape);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform(x, -bound, bound, options);
}

export function xavierNormal(
  x: Tensor,
  { gain = 1, ...options }: Draw & { readonly gain?: number } = {},
): Tensor {
  const { fanIn, fanOut } = fans(x.shape);
  return normal(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), options);
}

interface Kaiming extends Draw {
  /** Slope of the leaky ReLU that follows; 0 is ReLU. */
  readonly a?: number;
  readonly mode?: "fanIn" | "fanOut";
}

/** Deviation √(2/((1 + a²)·fan)), for ReLU and its kin. Source: He et al. 2015. */
export function kaimingUniform(x: Tensor, { a = 0, mode = "fanIn", ...options }: Kaiming = {}): Tensor {
  const bound = Math.sqrt(6 / ((1 + a * a) * fans(x.shape)[mode]));
  return uniform(x, -bound, bound, options);
}

export function kaimingNormal(x: Tensor, { a = 0, mode = "fanIn", ...options }: Kaiming = {}): Tensor {
  return normal(x, 0, Math.sqrt(2 / ((1 + a * a) * fans(x.shape)[mode])), options);
}
