import type { Floats } from "../../00-runtime/arrays.ts";

// Numbers [outer, channels, inner] as in batch-norm.reference.ts.

/** The mean of every channel, in two parts, and its variance: Σ (x − mean)²/n. `step` lies between outer ones. */
export function batchStatistics(
  x: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  outer: number,
  channels: number,
  inner: number,
  step: number,
): void {
  const n = outer * inner;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) sum += x[o * step + c * inner + i];
    const mean = sum / n;
    let squares = 0;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) squares += (x[o * step + c * inner + i] - mean) ** 2;
    shift[c] = mean;
    rest[c] = mean - shift[c];
    variance[c] = squares / n;
  }
}
