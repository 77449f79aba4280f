// The calls on which the two implementations of a kernel are compared: all lengths around the width of a vector,
// odd offsets, strides of every kind, and numbers of every kind.

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

export type KernelArray = Float32Array | Int32Array | Uint8Array | Int8Array | Uint16Array;

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
export function binaryCalls(Output: new (n: number) => KernelArray, pairs = 4000): Calls {
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
        yield [a, b, new Output(n), 1, n, n * aCol, aCol, n * bCol, bCol];
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
          yield [a, b, new Output(rows * cols), rows, cols, aRow, aCol, bRow, bCol];
        }
      }
    }
    yield [
      anyNumbers(random, pairs),
      anyNumbers(random, pairs),
      new Output(pairs),
      1,
      pairs,
      pairs,
      1,
      pairs,
      1,
    ];
  };
}

/** Calls of gradients (saved, g, dx, n). */
export function* gradientCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [numbersIn(random, n), numbersIn(random, n), new Float32Array(n), n];
  const x = everyBinade(random, 100);
  yield [x, new Float32Array(x.length).fill(1), new Float32Array(x.length), x.length];
}

/** [rows, cols] of steps of a recurrent network: columns around the width of a vector, more rows than threads. */
export const STEP_SIZES = [1, 2, 3, 4, 5, 8, 17, 64, 129].flatMap((cols) =>
  [0, 1, 5, 33].map((rows) => [rows, cols] as const),
);

/** Makes the n elements of rows of `cols`. */
export type RowNumbers = (random: Uniform, n: number, cols: number) => Float32Array;

/** Scores as attention has them: some hidden by −∞ or a very negative number, some whose exponential is no normal number. */
export function maskedScores(random: Uniform, n: number): Float32Array {
  const hidden = [-Infinity, -1e9, -100, -92, -60];
  return numbersIn(random, n, -30, 30).map((x) =>
    random() < 0.4 ? hidden[Math.floor(random() * hidden.length)] : x,
  );
}

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

/** [outer, n, inner]: whole tensors, rows, columns, one element, none; around the widths of vectors and of copies. */
export const LINES = [
  [1, 1, 1],
  [1, 17, 1],
  [3, 5, 1],
  [2, 9, 4],
  [3, 4, 7],
  [2, 6, 130],
  [1, 3, 1500],
  [4, 300, 1],
  [0, 4, 2],
  [2, 4, 0],
] as const;

const COUNTS = [0, 1, 5, 40];

const indicesBelow = (random: Uniform, n: number, count: number): Int32Array =>
  Int32Array.from({ length: count }, () => Math.floor(random() * n));

/** Calls of kernels (x, index, y, outer, n, inner, count) that look up x [outer, n, inner]. */
export const lookupCalls = (everywhere: boolean): Calls =>
  function* (random) {
    for (const [outer, n, inner] of LINES) {
      for (const count of COUNTS) {
        const size = outer * count * inner;
        const index = indicesBelow(random, n, everywhere ? size : count);
        yield [anyNumbers(random, outer * n * inner), index, new Float32Array(size), outer, n, inner, count];
      }
    }
  };

/** Calls of kernels that add x [outer, count, inner] into y [outer, n, inner], some elements more than once. */
export const additionCalls = (everywhere: boolean): Calls =>
  function* (random) {
    for (const [outer, n, inner] of LINES) {
      for (const count of COUNTS) {
        const size = outer * count * inner;
        const index = indicesBelow(random, n, everywhere ? size : count);
        yield [numbersIn(random, size), index, numbersIn(random, outer * n * inner), outer, n, inner, count];
      }
    }
  };
