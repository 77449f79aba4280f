import type { Floats } from "../00-runtime/arrays.ts";
import { logistic } from "../00-runtime/special.ts";

// The element-wise part of one LSTM step, for `rows` sequences of `cols` cells each. A row of `gates` is i f g o, `cols` numbers
// each; c, h and their gradients are [rows, cols].

/**
 * c′ = f·c + i·g, h = o·tanh c′. On entry `gates` holds W·x + b + R·h, on return what backward needs: i, f and o between 0
 * and 1, g between −1 and 1.
 */
// exercise: lstm-step
export function lstmStep(
  gates: Floats,
  c: Floats,
  next: Floats,
  h: Floats,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < cols; j++) {
      const [at, gate] = [r * cols + j, 4 * r * cols + j];
      const i = logistic(gates[gate]);
      const f = logistic(gates[gate + cols]);
      const g = Math.tanh(gates[gate + 2 * cols]);
      const o = logistic(gates[gate + 3 * cols]);
      next[at] = f * c[at] + i * g;
      h[at] = o * Math.tanh(next[at]);
      [gates[gate], gates[gate + cols], gates[gate + 2 * cols], gates[gate + 3 * cols]] = [i, f, g, o];
    }
  }
}

/**
 * Given the gradient of h (gy from the output, dh from the next step) and of c′ (`dc`), those of c and of the four sums
 * (`dz`, laid out as gates).
 */
export function lstmGrad(
  gates: Floats,
  c: Floats,
  next: Floats,
  gy: Floats,
  dh: Floats,
  dc: Floats,
  dz: Floats,
  dcBefore: Floats,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < cols; j++) {
      const [at, gate] = [r * cols + j, 4 * r * cols + j];
      const [i, f] = [gates[gate], gates[gate + cols]];
      const [g, o] = [gates[gate + 2 * cols], gates[gate + 3 * cols]];
      const [toH, t] = [gy[at] + dh[at], Math.tanh(next[at])];
      const toC = dc[at] + toH * o * (1 - t * t);
      dz[gate] = toC * g * i * (1 - i);
      dz[gate + cols] = toC * c[at] * f * (1 - f);
      dz[gate + 2 * cols] = toC * i * (1 - g * g);
      dz[gate + 3 * cols] = toH * t * o * (1 - o);
      dcBefore[at] = toC * f;
    }
  }
}
