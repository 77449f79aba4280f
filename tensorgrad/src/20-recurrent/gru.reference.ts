import type { Floats } from "../00-runtime/arrays.ts";
import { logistic } from "../00-runtime/special.ts";

// The element-wise part of one GRU step, for `rows` sequences of `cols` numbers each. A row of `gates` and of `hidden` is r z n,
// `cols` numbers each; h and gradients of h are [rows, cols].

/**
 * n = tanh(x_n + r·q), h′ = (1 − z)·n + z·h. On entry `gates` holds W·x + b and `hidden` R·h + b, whose last third is q. On
 * return `gates` holds r, z and n, and `candidate` q: what backward needs.
 */
export function gruStep(
  gates: Floats,
  hidden: Floats,
  h: Floats,
  candidate: Floats,
  next: Floats,
  rows: number,
  cols: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      const [at, gate] = [row * cols + j, 3 * row * cols + j];
      const r = logistic(gates[gate] + hidden[gate]);
      const z = logistic(gates[gate + cols] + hidden[gate + cols]);
      candidate[at] = hidden[gate + 2 * cols];
      const n = Math.tanh(gates[gate + 2 * cols] + r * candidate[at]);
      next[at] = (1 - z) * n + z * h[at];
      [gates[gate], gates[gate + cols], gates[gate + 2 * cols]] = [r, z, n];
    }
  }
}

/**
 * Given the gradient of h′ (gy from the output, dh from the next step), those of W·x + b (`dx`) and of R·h + b (`dr`), laid out
 * as gates, and that part of h's which does not go through R.
 */
// exercise: gru-backward
export function gruGrad(
  gates: Floats,
  candidate: Floats,
  h: Floats,
  gy: Floats,
  dh: Floats,
  dx: Floats,
  dr: Floats,
  dhBefore: Floats,
  rows: number,
  cols: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      const [at, gate] = [row * cols + j, 3 * row * cols + j];
      const [r, z, n] = [gates[gate], gates[gate + cols], gates[gate + 2 * cols]];
      const g = gy[at] + dh[at];
      const toN = g * (1 - z) * (1 - n * n);
      const toR = toN * candidate[at] * r * (1 - r);
      const toZ = g * (h[at] - n) * z * (1 - z);
      [dx[gate], dx[gate + cols], dx[gate + 2 * cols]] = [toR, toZ, toN];
      [dr[gate], dr[gate + cols], dr[gate + 2 * cols]] = [toR, toZ, toN * r];
      dhBefore[at] = g * z;
    }
  }
}
