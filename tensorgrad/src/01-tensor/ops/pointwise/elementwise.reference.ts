import type { Numbers } from "../../../00-runtime/arrays.ts";
import { toEven } from "../../../00-runtime/round.ts";
import { erfc, erf as erfOf, logistic } from "../../../00-runtime/special.ts";

/** A kernel that maps every element: y[r, c] = f(x[r·xRow + c·xCol]), y contiguous. */
export type UnaryKernel = (
  x: Numbers,
  y: Numbers,
  rows: number,
  cols: number,
  xRow: number,
  xCol: number,
) => void;

function map(f: (x: number) => number): UnaryKernel {
  return (x, y, rows, cols, xRow, xCol) => {
    let i = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) y[i++] = f(x[r * xRow + c * xCol]);
    }
  };
}

export const neg = map((x) => -x);
export const abs = map(Math.abs);
export const sign = map(Math.sign);
export const square = map((x) => x * x);
export const reciprocal = map((x) => 1 / x);
export const sqrt = map(Math.sqrt);
export const rsqrt = map((x) => 1 / Math.sqrt(x));

export const floor = map(Math.floor);
export const ceil = map(Math.ceil);
/** Halves go to the even neighbour, so that rounding has no bias. */
export const round = map(toEven);

export const exp = map(Math.exp);
export const expm1 = map(Math.expm1);
export const log = map(Math.log);
export const log1p = map(Math.log1p);
export const sin = map(Math.sin);
export const cos = map(Math.cos);
export const atan = map(Math.atan);
export const tanh = map(Math.tanh);
export const erf = map(erfOf);

export const sigmoid = map(logistic);
export const relu = map((x) => Math.max(x, 0)); // NaN stays NaN
export const silu = map((x) => (x === -Infinity ? -0 : x * logistic(x)));

/** Φ(x), the probability that a standard normal variable is below x. */
function normalBelow(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** x·Φ(x). Source: Hendrycks & Gimpel 2016, Gaussian error linear units. */
export const gelu = map((x) => (x === -Infinity ? -0 : x * normalBelow(x)));

/** The argument of the logistic function in GELU's approximation: (1 + tanh u)/2 = σ(2u). */
function geluLogit(x: number): number {
  return 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
}

/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))), written through σ so that the negative tail does not cancel. */
export const geluTanh = map((x) => (x === -Infinity ? -0 : x * logistic(geluLogit(x))));

/** y = x held between low and high; NaN stays NaN. */
export function clamp(
  x: Numbers,
  y: Numbers,
  rows: number,
  cols: number,
  xRow: number,
  xCol: number,
  low: number,
  high: number,
): void {
  let i = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) y[i++] = Math.min(Math.max(x[r * xRow + c * xCol], low), high);
  }
}

// Gradients. Each takes what its forward pass saved (x or y), the incoming gradient g, and writes
// dx = g · dy/dx; all contiguous, n elements.

export type GradientKernel = (saved: Numbers, g: Numbers, dx: Numbers, n: number) => void;

function chain(derivative: (saved: number) => number): GradientKernel {
  return (saved, g, dx, n) => {
    for (let i = 0; i < n; i++) dx[i] = g[i] * derivative(saved[i]);
  };
}

/** From x. The derivative at 0 is taken to be 0; where the unit is off, g passes nothing, not even NaN. */
export const reluGrad: GradientKernel = (x, g, dx, n) => {
  for (let i = 0; i < n; i++) dx[i] = x[i] <= 0 ? 0 : g[i];
};
/** From y. */
export const sigmoidGrad = chain((y) => y * (1 - y));
/** From y. */
export const tanhGrad = chain((y) => (1 - y) * (1 + y));
/** From x: Φ(x) + x·φ(x), φ the normal density. */
export const geluGrad = chain((x) => {
  if (Math.abs(x) === Infinity) return x > 0 ? 1 : 0;
  return normalBelow(x) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
});
/** From x: s + x·s(1 − s)·u′ with s = σ(u(x)). */
export const geluTanhGrad = chain((x) => {
  if (Math.abs(x) === Infinity) return x > 0 ? 1 : 0;
  const s = logistic(geluLogit(x));
  const slope = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
  return s + x * s * (1 - s) * slope;
});
