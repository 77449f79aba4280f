import type { Floats } from "../00-runtime/arrays.ts";

// Softmax along contiguous rows: x, y, g and dx are [rows, cols].
// Every exponential is taken of x − max(row): at most 1, so that it cannot overflow.

function maxOfRow(x: Floats, start: number, cols: number): number {
  let largest = -Infinity;
  for (let c = 0; c < cols; c++) largest = Math.max(largest, x[start + c]);
  return largest;
}

// exercise: softmax-rows
/** y = exp(x) / Σ exp(x): every row becomes a probability distribution. */
export function softmax(x: Floats, y: Floats, rows: number, cols: number): void {
  for (let start = 0; start < rows * cols; start += cols) {
    const largest = maxOfRow(x, start, cols);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c] - largest);
    for (let c = 0; c < cols; c++) y[start + c] = Math.exp(x[start + c] - largest) / sum;
  }
}

// exercise: log-softmax-rows
/** y = log softmax(x) = x − log Σ exp(x), without ever forming a probability that could round to 0. */
export function logSoftmax(x: Floats, y: Floats, rows: number, cols: number): void {
  for (let start = 0; start < rows * cols; start += cols) {
    const largest = maxOfRow(x, start, cols);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c] - largest);
    const logSum = Math.log(sum);
    for (let c = 0; c < cols; c++) y[start + c] = x[start + c] - largest - logSum;
  }
}

/** dx = y · (g − Σ g·y), from softmax's output y: the Jacobian diag(y) − yyᵀ applied to g. */
export function softmaxGrad(y: Floats, g: Floats, dx: Floats, rows: number, cols: number): void {
  for (let start = 0; start < rows * cols; start += cols) {
    let dot = 0;
    for (let c = 0; c < cols; c++) dot += g[start + c] * y[start + c];
    for (let c = 0; c < cols; c++) dx[start + c] = y[start + c] * (g[start + c] - dot);
  }
}

/** dx = g − exp(y) · Σ g, from logSoftmax's output y. */
export function logSoftmaxGrad(y: Floats, g: Floats, dx: Floats, rows: number, cols: number): void {
  for (let start = 0; start < rows * cols; start += cols) {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += g[start + c];
    for (let c = 0; c < cols; c++) dx[start + c] = g[start + c] - Math.exp(y[start + c]) * sum;
  }
}
