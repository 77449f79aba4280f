import type { Floats } from "../00-runtime/arrays.ts";

// The element-wise part of one step of a plain recurrent network, for n numbers: z = W·x + b + R·h was computed before. h may
// lie where z does.

/** h = tanh z */
export function rnnTanh(z: Floats, h: Floats, n: number): void {
  for (let i = 0; i < n; i++) h[i] = Math.tanh(z[i]);
}

/** h = max(z, 0) */
export function rnnRelu(z: Floats, h: Floats, n: number): void {
  for (let i = 0; i < n; i++) h[i] = Math.max(z[i], 0);
}

/** dz = (g + dh)·(1 − h²): what the output asks for, and what later steps do */
export function rnnTanhGrad(h: Floats, g: Floats, dh: Floats, dz: Floats, n: number): void {
  for (let i = 0; i < n; i++) dz[i] = (g[i] + dh[i]) * (1 - h[i] * h[i]);
}

/** dz = g + dh where h > 0, else 0 */
export function rnnReluGrad(h: Floats, g: Floats, dh: Floats, dz: Floats, n: number): void {
  for (let i = 0; i < n; i++) dz[i] = h[i] > 0 ? g[i] + dh[i] : 0;
}
