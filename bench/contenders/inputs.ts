/** Numbers between −4 and 4 from a small generator (Numerical Recipes' constants), the same in every run. */
export function floats(size: number, seed = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  for (let i = 0, state = seed; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[i] = state / 2 ** 29 - 4;
  }
  return values;
}

/** Class indices from 0 to 9, one per row of a batch. */
export const classes = (rows: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: rows }, (_, i) => (i * 7) % 10);

/** Weights [inputs, outputs] of a size that keeps activations steady: uniform in ±√(1/inputs). */
export const weights = (inputs: number, outputs: number): Float32Array<ArrayBuffer> =>
  floats(inputs * outputs, inputs).map((value) => value / 4 / Math.sqrt(inputs));
