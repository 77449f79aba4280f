// The calls on which the two implementations of a kernel are compared: all lengths around the width of a vector,
// odd offsets, strides of every kind, and numbers of every kind.

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

export type KernelArray = Float32Array | Int32Array | Uint8Array;

/** One call of a kernel: arrays and numbers in its order of arguments. */
export type KernelCall = readonly (KernelArray | number)[];

export type Calls = (random: Uniform) => Iterable<KernelCall>;

export const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 129];

/** [rows, cols, row stride, column stride]: contiguous, padded, transposed, broadcast, scattered, empty. */
export const LAYOUTS = [
  [5, 7, 7, 1],
  [5, 7, 9, 1],
  [6, 17, 1, 6],
  [21, 70, 1, 22],
  [5, 7, 1, 8],
  [5, 18, 0, 1],
  [5, 18, 1, 0],
  [3, 21, 0, 0],
  [3, 17, 40, 2],
  [7, 1, 1, 1],
  [17, 3, 3, 1],
  [0, 5, 5, 1],
  [5, 0, 0, 1],
] as const;

const SPECIAL = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -1.5,
  2.5,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  1.1754943508222875e-38,
  -1.1754943508222875e-38,
  1e-40,
  -1e-40,
  1.401298464324817e-45,
  16777216,
  -8388608.5,
];

/** Every kind of number, special ones often, others spread evenly over the binades from 2⁻⁴⁰ to 2⁴⁰. */
export function anyNumbers(random: Uniform, n: number): Float32Array {
  return Float32Array.from({ length: n }, () => {
    if (random() < 0.2) return SPECIAL[Math.floor(random() * SPECIAL.length)];
    return (random() < 0.5 ? -1 : 1) * (1 + random()) * 2 ** Math.floor(random() * 80 - 40);
  });
}

/** Numbers between low and high. */
export function numbersIn(random: Uniform, n: number, low = -4, high = 4): Float32Array {
  return Float32Array.from({ length: n }, () => low + (high - low) * random());
}

/** From every binade, subnormal to largest, both signs: `perBinade` random numbers and the power of two itself. */
export function everyBinade(random: Uniform, perBinade: number): Float32Array {
  const values: number[] = SPECIAL.slice();
  for (let exponent = -149; exponent < 128; exponent++) {
    for (const sign of [1, -1]) {
      values.push(sign * 2 ** exponent);
      for (let i = 0; i < perBinade; i++) values.push(sign * (1 + random()) * 2 ** exponent);
    }
  }
  return Float32Array.from(values);
}

/** How many elements a strided matrix spans. */
export function span(rows: number, cols: number, row: number, col: number): number {
  return rows === 0 || cols === 0 ? 0 : (rows - 1) * row + (cols - 1) * col + 1;
}

const SWEEP = 400; // numbers per binade and sign

/** Calls of kernels (x, y, rows, cols, xRow, xCol, …extra). */
export function unaryCalls(extra: readonly number[] = [], sweep = SWEEP): Calls {
  return function* (random) {
    for (const n of LENGTHS) yield [anyNumbers(random, n), new Float32Array(n), 1, n, n, 1, ...extra];
    for (const [rows, cols, xRow, xCol] of LAYOUTS) {
      const x = anyNumbers(random, span(rows, cols, xRow, xCol));
      yield [x, new Float32Array(rows * cols), rows, cols, xRow, xCol, ...extra];
    }
    const x = everyBinade(random, sweep);
    yield [x, new Float32Array(x.length), 1, x.length, x.length, 1, ...extra];
  };
}

/** Calls of kernels (a, b, y, rows, cols, aRow, aCol, bRow, bCol), every pair of layouts of the same shape. */
export function binaryCalls(make: (n: number) => KernelArray, pairs = 4000): Calls {
  return function* (random) {
    for (const n of LENGTHS) {
      for (const [aCol, bCol] of [
        [1, 1],
        [1, 0],
        [0, 1],
        [0, 0],
        [2, 1],
      ] as const) {
        const a = anyNumbers(random, span(1, n, n, aCol));
        const b = anyNumbers(random, span(1, n, n, bCol));
        yield [a, b, make(n), 1, n, n * aCol, aCol, n * bCol, bCol];
      }
    }
    // Fewer rows and columns than a tile in scratch has, and more; more short rows than are taken together.
    for (const [rows, cols] of [
      [5, 18],
      [21, 70],
      [230, 5],
    ] as const) {
      const strides = [
        [cols, 1],
        [cols + 2, 1],
        [1, rows],
        [0, 1],
        [1, 0],
        [0, 0],
        [2 * cols + 14, 2],
      ] as const;
      for (const [aRow, aCol] of strides) {
        for (const [bRow, bCol] of strides) {
          const a = anyNumbers(random, span(rows, cols, aRow, aCol));
          const b = anyNumbers(random, span(rows, cols, bRow, bCol));
          yield [a, b, make(rows * cols), rows, cols, aRow, aCol, bRow, bCol];
        }
      }
    }
    yield [anyNumbers(random, pairs), anyNumbers(random, pairs), make(pairs), 1, pairs, pairs, 1, pairs, 1];
  };
}

/** Calls of where(a, b, condition, y, rows, cols, strides of a, b and condition). */
export function* whereCalls(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols, row, col] of LAYOUTS) {
    for (const [cRow, cCol] of [
      [cols, 1],
      [0, 1],
      [1, 0],
      [1, rows],
    ] as const) {
      const a = anyNumbers(random, span(rows, cols, row, col));
      const b = anyNumbers(random, span(rows, cols, cols, 1));
      const condition = Uint8Array.from({ length: span(rows, cols, cRow, cCol) }, () =>
        random() < 0.5 ? 0 : 1,
      );
      yield [a, b, condition, new Float32Array(rows * cols), rows, cols, row, col, cols, 1, cRow, cCol];
      yield [b, a, condition, new Float32Array(rows * cols), rows, cols, cols, 1, row, col, cRow, cCol];
    }
  }
}

/** Calls of copy(x, y, rows, cols, xRow, xCol, yRow, yCol) with y padded, contiguous and transposed. */
export function* copyCalls(random: Uniform): Iterable<KernelCall> {
  for (const [rows, cols, xRow, xCol] of [
    ...LAYOUTS,
    [16, 16, 16, 1],
    [9, 16, 1, 16],
    [3, 200, 210, 1],
  ] as const) {
    for (const [yRow, yCol] of [
      [cols, 1],
      [cols + 3, 1],
      [1, rows],
      [2 * cols + 1, 2],
    ] as const) {
      const x = anyNumbers(random, span(rows, cols, xRow, xCol));
      const y = numbersIn(random, span(rows, cols, yRow, yCol)); // what lies between must stay
      yield [x, y, rows, cols, xRow, xCol, yRow, yCol];
    }
  }
}

/** Calls of reductions (x, y, rows, cols, xRow, xCol). */
export function reduceCalls(
  make: (n: number) => KernelArray,
  numbers: (random: Uniform, n: number) => Float32Array,
  longest: number,
): Calls {
  return function* (random) {
    for (const n of LENGTHS) yield [numbers(random, n), make(1), 1, n, n, 1];
    for (const [rows, cols, xRow, xCol] of LAYOUTS) {
      yield [numbers(random, span(rows, cols, xRow, xCol)), make(rows), rows, cols, xRow, xCol];
    }
    for (const rows of [3, 16, 37]) {
      yield [numbers(random, rows * longest), make(rows), rows, longest, longest, 1];
      yield [numbers(random, rows * longest), make(rows), rows, longest, 1, rows];
    }
  };
}

/** Makes the n elements of rows of `cols`. */
export type RowNumbers = (random: Uniform, n: number, cols: number) => Float32Array;

/** Calls of kernels on rows: `inputs` arrays of [rows, cols], then an output of the same shape, rows and cols. */
export function rowCalls(inputs: readonly RowNumbers[]): Calls {
  return function* (random) {
    for (const cols of [1, 2, 3, 4, 5, 10, 16, 17, 63, 64, 65, 1000]) {
      for (const rows of [0, 1, 5]) {
        const arrays = inputs.map((numbers) => numbers(random, rows * cols, cols));
        yield [...arrays, new Float32Array(rows * cols), rows, cols];
      }
    }
  };
}

/** Calls of gemm: all transpositions, edges of every size, alpha and beta. */
export function* gemmCalls(random: Uniform): Iterable<KernelCall> {
  const sizes = [0, 1, 2, 3, 5, 8, 16, 17, 33];
  for (const m of sizes) {
    for (const n of sizes) {
      for (const k of [0, 1, 4, 7, 65]) yield gemmCall(random, m, n, k, Math.floor(random() * 9));
    }
  }
  for (let layout = 0; layout < 9; layout++) {
    yield gemmCall(random, 37, 50, 400, layout); // two stretches of the summed dim
    yield gemmCall(random, 300, 18, 20, layout); // two blocks of rows
    yield gemmCall(random, 1, 70, 130, layout);
    yield gemmCall(random, 70, 1, 130, layout);
  }
}

function gemmCall(random: Uniform, m: number, n: number, k: number, layout: number): KernelCall {
  const [aRow, aCol] = [
    [k, 1],
    [1, m],
    [2 * k + 3, 2],
  ][layout % 3];
  const [bRow, bCol] = [
    [n, 1],
    [1, k],
    [2 * n + 1, 2],
  ][Math.floor(layout / 3)];
  const cRow = n + Math.floor(random() * 3);
  const [alpha, beta] = [
    [1, 0],
    [1, 1],
    [-0.5, 2],
  ][Math.floor(random() * 3)];
  const a = numbersIn(random, span(m, k, aRow, aCol));
  const b = numbersIn(random, span(k, n, bRow, bCol));
  const c = numbersIn(random, span(m, n, cRow, 1));
  // beta = 0 must not read C. Only there: the padding between the rows is compared, too.
  if (beta === 0) for (let i = 0; i < m; i++) c.fill(NaN, i * cRow, i * cRow + n);
  return [a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta];
}

/** Calls of layerNorm(x, w, b, y, stats, rows, cols, eps). */
export function* layerNormCalls(random: Uniform): Iterable<KernelCall> {
  for (const cols of [1, 2, 3, 4, 5, 8, 16, 17, 63, 65, 192, 3001]) {
    for (const rows of [0, 1, 5, 300]) {
      if (rows * cols > 100_000) continue;
      const [x, w, b] = [rows * cols, cols, cols].map((n) => numbersIn(random, n));
      yield [x, w, b, new Float32Array(x.length), new Float32Array(3 * rows), rows, cols, 2 ** -16];
    }
  }
}

/** Shift, rest and scale of every row of x, roughly. */
function roughStatistics(x: Float32Array, rows: number): Float32Array {
  const cols = x.length / Math.max(1, rows);
  return Float32Array.from({ length: 3 * rows }, (_, i) => {
    const row = x.subarray(Math.floor(i / 3) * cols, Math.floor(i / 3 + 1) * cols);
    const mean = row.reduce((sum, value) => sum + value, 0) / cols;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cols;
    return [mean, 1e-7, 1 / Math.sqrt(variance + 2 ** -16)][i % 3];
  });
}

/** Calls of layerNormGrad(x, w, stats, g, dx, rows, cols). */
export function* layerNormGradCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, w, , dx, , rows, cols] of layerNormCalls(random)) {
    const gradient = numbersIn(random, (dx as Float32Array).length);
    yield [x, w, roughStatistics(x as Float32Array, rows as number), gradient, dx, rows, cols];
  }
}

/** Calls of layerNormGradWeight(x, stats, g, dw, rows, cols, step). */
export function* layerNormGradWeightCalls(random: Uniform): Iterable<KernelCall> {
  for (const [x, , stats, g, , rows, cols] of layerNormGradCalls(random)) {
    yield [x, stats, g, new Float32Array(cols as number), rows, cols, cols];
  }
}
