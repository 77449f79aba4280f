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

function draw(
  call: string,
  x: Tensor,
  settings: Readonly<Record<string, number>>,
  next: () => number,
): Tensor {
  if (!x.isFloat) {
    throw new TypeError(
      `init.${call}: a tensor ${show(x.shape)} of ${x.dtype} — random values are fractions; it must be float32 or float64`,
    );
  }
  for (const [name, value] of Object.entries(settings)) {
    const positive = name === "std";
    if (!Number.isFinite(value) || (positive && value < 0)) {
      throw new RangeError(
        `init.${call}: ${name} = ${value} — a finite number${positive ? ", 0 or more" : ""}`,
      );
    }
  }
  return x.assign(Float64Array.from({ length: x.size }, next));
}

/** How many inputs an output has, and how many outputs an input: of weights [out, in, kernel…]. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `init: a tensor of shape ${show(shape)} — fan-in and fan-out need at least two dims, [out, in, …]`,
    );
  }
  const field = shape.slice(2).reduce((product, n) => product * n, 1);
  return { fanIn: shape[1] * field, fanOut: shape[0] * field };
}

/** Fills x with numbers drawn evenly from [low, high). */
export const uniform = (x: Tensor, low = 0, high = 1, { random = defaultRandom }: Draw = {}): Tensor =>
  draw("uniform", x, { low, high }, () => low + (high - low) * random.uniform());

/** Fills x with numbers drawn from a normal distribution. */
export const normal = (x: Tensor, mean = 0, std = 1, { random = defaultRandom }: Draw = {}): Tensor =>
  draw("normal", x, { mean, std }, () => mean + std * random.normal());

/** Fills x with zeros. */
export const zeros = (x: Tensor): Tensor => fillWith(x, 0);
/** Fills x with ones. */
export const ones = (x: Tensor): Tensor => fillWith(x, 1);

interface Xavier extends Draw {
  /** How much a signal may grow per layer; 5/3 makes up for tanh. */
  readonly gain?: number;
}

/** Deviation √(2/(fanIn + fanOut)), for tanh and sigmoid. Source: Glorot & Bengio 2010. */
export function xavierUniform(x: Tensor, { gain = 1, ...options }: Xavier = {}): Tensor {
  const bound = Math.sqrt(3) * xavierDeviation(x, gain);
  return uniform(x, -bound, bound, options);
}

/** Normal numbers with standard deviation gain·√(2/(fanIn + fanOut)). Source: Glorot & Bengio 2010. */
export function xavierNormal(x: Tensor, { gain = 1, ...options }: Xavier = {}): Tensor {
  return normal(x, 0, xavierDeviation(x, gain), options);
}

function xavierDeviation(x: Tensor, gain: number): number {
  const { fanIn, fanOut } = fans(x.shape);
  if (!(Number.isFinite(gain) && gain >= 0))
    throw new RangeError(`init: gain = ${gain} — a finite number, 0 or more`);
  return gain * Math.sqrt(2 / Math.max(1, fanIn + fanOut));
}

interface Kaiming extends Draw {
  /** Slope of the leaky ReLU that follows; 0 is ReLU. */
  readonly a?: number;
  readonly mode?: "fanIn" | "fanOut";
}

/** Deviation √(2/((1 + a²)·fan)), for ReLU and its kin. Source: He et al. 2015. */
export function kaimingUniform(x: Tensor, { a = 0, mode = "fanIn", ...options }: Kaiming = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingDeviation(x, a, mode);
  return uniform(x, -bound, bound, options);
}

/** Normal numbers with standard deviation √(2/((1 + a²)·fan)). Source: He et al. 2015. */
export function kaimingNormal(x: Tensor, { a = 0, mode = "fanIn", ...options }: Kaiming = {}): Tensor {
  return normal(x, 0, kaimingDeviation(x, a, mode), options);
}

function kaimingDeviation(x: Tensor, a: number, mode: "fanIn" | "fanOut"): number {
  const fan = fans(x.shape)[mode];
  if (fan === undefined) throw new RangeError(`init: mode = ${JSON.stringify(mode)} — "fanIn" or "fanOut"`);
  if (!Number.isFinite(a)) throw new RangeError(`init: a = ${a} — a finite number`);
  return Math.sqrt(2 / ((1 + a * a) * Math.max(1, fan)));
}
