import { type DType, give, isHalf, ShapeError, show } from "../00-runtime/index.ts";
import { cat, emptyLayout, Tensor } from "../01-tensor/index.ts";

/** Fills a row of numbers for a position. */
type Row = (position: number, row: Float64Array) => void;

/**
 * A table with a row of numbers for each position, computed when it is first asked for, and grown by doubling. It can be
 * computed anew at any time, so it is neither trained nor saved; it lives as long as the layer that holds it.
 */
export class PositionTable {
  readonly #cols: number;
  readonly #row: Row;
  readonly #made = new Map<DType, Tensor>();

  constructor(cols: number, row: Row) {
    [this.#cols, this.#row] = [cols, row];
  }

  /** The rows of `count` positions: [count, cols]; for 16 bits in float32, so that angles stay exact. */
  rows(offset: Offset, count: number, wanted: DType): Tensor {
    const dtype = isHalf(wanted) ? "float32" : wanted;
    const end = lastOf(offset, count) + 1;
    let table = this.#made.get(dtype);
    if (!table || table.storage.freed || table.shape[0] < end) {
      table = this.#make(2 ** Math.ceil(Math.log2(Math.max(1, end))), dtype);
      this.#made.set(dtype, table);
    }
    return rowsAt(table, offset, count);
  }

  #make(count: number, dtype: DType): Tensor {
    const made = new Tensor(emptyLayout([count, this.#cols], dtype));
    give(made.storage, null); // no scope ends it
    const row = new Float64Array(this.#cols);
    for (let position = 0; position < count; position++) {
      this.#row(position, row);
      made.storage.view.set(row, position * this.#cols);
    }
    return made;
  }
}

/** baseⁿ for the i-th of the pairs of a width: how fast it turns, in radians a position. */
export const frequency = (base: number, pair: number, width: number): number => base ** ((-2 * pair) / width);

/** The position of the first of some rows, or of each of them. */
export type Offset = number | readonly number[];

export interface PositionOptions {
  /**
   * The position of the first of x's rows: with a cache of what came before, how many came before. A list has the position of
   * every row: where they belong to several texts.
   */
  readonly offset?: Offset;
}

const lastOf = (offset: Offset, count: number): number =>
  typeof offset === "number" ? offset + count - 1 : Math.max(...offset);

/** Rows of a table [positions, cols]: [count, cols], a view where they follow each other. */
export const rowsAt = (table: Tensor, offset: Offset, count: number): Tensor =>
  typeof offset === "number"
    ? table.narrow(0, offset, count)
    : cat(
        offset.map((position) => table.narrow(0, position, 1)),
        0,
      );

/**
 * Throws    ShapeError unless x ends in [T, width]; RangeError for positions that are none, or beyond `most`
 */
export function checkPositions(
  call: string,
  { shape }: Tensor,
  width: number,
  offset: Offset,
  most: number,
): void {
  if (shape.length < 2 || shape.at(-1) !== width)
    throw new ShapeError(`${call}: expected input [..., T, ${width}], got ${show(shape)}`);
  const length = shape.at(-2) as number;
  const first = typeof offset === "number" ? offset : Math.min(...offset);
  if (typeof offset !== "number" && (offset.length !== length || !offset.every(Number.isInteger)))
    throw new RangeError(`${call}: offset [${offset}] for ${length} rows — a whole number ≥ 0 for each`);
  if (!Number.isInteger(first) || first < 0)
    throw new RangeError(`${call}: offset ${first} — the first position, a whole number ≥ 0`);
  const last = lastOf(offset, length);
  if (last >= most)
    throw new RangeError(
      `${call}: positions ${first} to ${last} of input ${show(shape)} — positions go from 0 to ` +
        `${most - 1}; cut the sequence, or make the layer with a larger maxSeqLen`,
    );
}

/** Throws    RangeError for sizes that are no whole numbers ≥ 1, and for a base of no use */
export function checkSizes(call: string, sizes: Readonly<Record<string, number>>, base: number): void {
  for (const [name, size] of Object.entries(sizes))
    if (!(Number.isInteger(size) && size >= 1) && size !== Infinity)
      throw new RangeError(`${call}: ${name} = ${size} — a whole number, 1 or more`);
  if (!(base > 0 && base < Infinity)) throw new RangeError(`${call}: base = ${base} — a number > 0`);
}
