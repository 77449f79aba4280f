import type { Floats } from "../00-runtime/arrays.ts";

// Bends with one rule above a point and another below it. x, y, g and dx are contiguous, n elements; what follows
// n are the settings of the function. A gradient kernel writes dx = g · dy/dx, from x.

/** y = x above 0, slope·x from there down. */
export function leakyRelu(x: Floats, y: Floats, n: number, slope: number): void {
  for (let i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

export function leakyReluGrad(x: Floats, g: Floats, dx: Floats, n: number, slope: number): void {
  for (let i = 0; i < n; i++) dx[i] = x[i] > 0 ? g[i] : g[i] * slope;
}

/** y = x above 0, α·(eˣ − 1) from there down; expm1 keeps the digits of small x. */
export function elu(x: Floats, y: Floats, n: number, alpha: number): void {
  for (let i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : alpha * Math.expm1(x[i]);
}

export function eluGrad(x: Floats, g: Floats, dx: Floats, n: number, alpha: number): void {
  for (let i = 0; i < n; i++) dx[i] = x[i] > 0 ? g[i] : g[i] * (alpha * Math.exp(x[i]));
}

// exercise: softplus-loop
/** y = ln(1 + e^z)/β, z = βx: the exponential is of −|z|, so it cannot overflow; x itself beyond the threshold. */
export function softplus(x: Floats, y: Floats, n: number, beta: number, threshold: number): void {
  for (let i = 0; i < n; i++) {
    const z = beta * x[i];
    y[i] = z > threshold ? x[i] : Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(z))) / beta;
  }
}

/** The slope of softplus is σ(z). */
export function softplusGrad(
  x: Floats,
  g: Floats,
  dx: Floats,
  n: number,
  beta: number,
  threshold: number,
): void {
  for (let i = 0; i < n; i++) {
    const z = beta * x[i];
    dx[i] = z > threshold ? g[i] : g[i] / (1 + Math.exp(-z));
  }
}

/** y = max(x, 0)² */
export function reluSquared(x: Floats, y: Floats, n: number): void {
  for (let i = 0; i < n; i++) y[i] = x[i] <= 0 ? 0 : x[i] * x[i];
}

export function reluSquaredGrad(x: Floats, g: Floats, dx: Floats, n: number): void {
  for (let i = 0; i < n; i++) dx[i] = x[i] <= 0 ? 0 : g[i] * (2 * x[i]);
}
