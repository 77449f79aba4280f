import type { Floats } from "../00-runtime/arrays.ts";

/** y[0] = √Σx², summed in double precision, so that squares neither overflow nor vanish. */
export function norm2(x: Floats, y: Floats, n: number): void {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[i] * x[i];
  y[0] = Math.sqrt(sum);
}

/** x ← factor·x */
export function scaleBy(x: Floats, n: number, factor: number): void {
  for (let i = 0; i < n; i++) x[i] *= factor;
}

/** x ← x, but no further from 0 than `limit`; NaN stays NaN. */
export function clampTo(x: Floats, n: number, limit: number): void {
  for (let i = 0; i < n; i++) x[i] = Math.max(-limit, Math.min(limit, x[i]));
}
