/**
 * How the outputs of a kernel are divided between threads.
 *
 * `softmax.split.ts` holds a function for each kernel of `softmax.reference.ts`, by the kernel's name. It takes the same
 * arguments, with addresses in bytes in place of arrays. It gives the arguments for any stretch of the outputs. Kernels
 * without a rule run on the calling thread. A sum is never divided between threads; only the outputs are. So every output
 * has the same bits as on one thread.
 */
export interface Division {
  /** Rows, columns or elements: whatever is divided. */
  readonly count: number;
  /**
   * Stretches begin at multiples of this and are at least as long. Kernels treat edges and small sizes apart. With a grain
   * as large as their tiles and vectors, every output has the same place in its tile as in the undivided call.
   */
  readonly grain: number;
  /** Of one of `count` on one thread, in nanoseconds: a rough figure that tells what is worth dividing. */
  readonly cost: number;
  /** Whether parts repeat work, such as packing an operand that all of them need: then there is one part per thread. */
  readonly repeats?: boolean;
  /**
   * Whether a stretch of the outputs needs only the same stretch of each operand, or an operand that all stretches read from
   * its beginning. Then several kernels may be called one after the other for each stretch.
   */
  readonly elementwise?: boolean;
  /** Whether the kernel calls a function outside WebAssembly while it runs. */
  readonly callsOutside?: boolean;
  /** The call that computes `length` of them from number `first` on. */
  readonly part: (first: number, length: number) => number[];
}

/** The rule of one kernel; null where this call has to stay whole. */
export type Split = (...args: number[]) => Division | null;

/** Bytes of a float32 or int32. */
export const FLOAT = 4;

/** Floats in a cache line: threads do not write to the same one. */
const LINE = 16;

// Measured with operands in the second-level cache, on one core at 3.9 GHz.
/** Nanoseconds per element of a pass over memory that computes next to nothing. */
export const LIGHT = 0.2;
/** Nanoseconds per element of a pass with an exponential or the like. */
export const HEAVY = 1;

// Every small operation asks for a division. Their objects are written out, and all of one shape: to spread one into another takes
// longer than to add four numbers.

/** Divides `count` elements, columns or rows. */
export function divide(
  count: number,
  cost: number,
  part: Division["part"],
  grain = LINE,
  repeats = false,
  callsOutside = false,
): Division {
  return { count, grain, cost, part, repeats, elementwise: false, callsOutside };
}

function elementwise(count: number, cost: number, part: Division["part"], grain = LINE): Division {
  return { count, grain, cost, part, repeats: false, elementwise: true, callsOutside: false };
}

/**
 * Divides a matrix of independent elements: by rows, or a single row by columns. Kernels take a matrix without gaps
 * (`gapless`) for a single long row; so it is divided like one, between the same vectors of elements.
 */
export function divideMatrix(
  rows: number,
  cols: number,
  cost: number,
  gapless: boolean,
  part: (row: number, col: number, rows: number, cols: number) => number[],
): Division {
  if (gapless) return elementwise(rows * cols, cost, (first, length) => part(0, first, 1, length));
  return rows > 1
    ? elementwise(rows, cols * cost, (row, length) => part(row, 0, length, cols), 1)
    : elementwise(cols, cost, (col, length) => part(0, col, rows, length));
}

// The rules that several families share. `rest` is what all parts of a call have in common.

/** For y = f(a, b), matrices; results take `bytes` each. */
export const splitBinary =
  (bytes: number): Split =>
  (a, b, y, rows, cols, aRow, aCol, bRow, bCol) =>
    divideMatrix(rows, cols, LIGHT, aRow === aCol * cols && bRow === bCol * cols, (r, c, height, width) => {
      const [left, right] = [a + FLOAT * (r * aRow + c * aCol), b + FLOAT * (r * bRow + c * bCol)];
      return [left, right, y + bytes * (r * cols + c), height, width, aRow, aCol, bRow, bCol];
    });

/** For y = f(x), matrices. */
export const splitUnary =
  (cost: number): Split =>
  (x, y, rows, cols, xRow, xCol, ...rest) =>
    divideMatrix(rows, cols, cost, xRow === xCol * cols, (r, c, height, width) => {
      return [
        x + FLOAT * (r * xRow + c * xCol),
        y + FLOAT * (r * cols + c),
        height,
        width,
        xRow,
        xCol,
        ...rest,
      ];
    });

/** For kernels that begin with `arrays` arrays of n elements each. */
export const splitElements =
  (arrays: number, cost: number): Split =>
  (...args) => {
    const rest = args.slice(arrays + 1);
    return elementwise(args[arrays], cost, (first, length) => {
      const moved = args.slice(0, arrays).map((array) => array + FLOAT * first);
      return [...moved, length, ...rest];
    });
  };

/** For kernels that begin with `arrays` contiguous arrays [rows, cols] whose rows have nothing to do with each other. */
export const splitRows =
  (arrays: number, cost: number): Split =>
  (...args) => {
    const [rows, cols, ...rest] = args.slice(arrays);
    return divide(
      rows,
      cols * cost,
      (first, length) => {
        const moved = args.slice(0, arrays).map((array) => array + FLOAT * first * cols);
        return [...moved, length, cols, ...rest];
      },
      1,
    );
  };

/**
 * For kernels that work piece by piece. Their last four arguments are the number of the first piece, how many there are, the
 * nanoseconds that one takes, and where the memory begins for a BLAS (0 without one). How pieces are cut follows from the
 * shapes alone; threads take some of them each.
 */
export const splitPieces: Split = (...args) => {
  const [first, count, cost, base] = args.slice(-4);
  const shared = args.slice(0, -4);
  const part = (start: number, length: number) => [...shared, first + start, length, cost, base];
  return divide(count, cost, part, 1, false, base !== 0);
};

/** The stretches of a division into at most `most` parts, each of which takes `least` nanoseconds or more; where they end. */
export function stretches({ count, grain, cost }: Division, most: number, least: number): number[] {
  const grains = Math.floor(count / grain);
  const parts = Math.max(1, Math.min(most, grains, Math.floor((count * cost) / least)));
  const starts = Array.from({ length: parts }, (_, i) => Math.floor((i * grains) / parts) * grain);
  return [...starts, count];
}
