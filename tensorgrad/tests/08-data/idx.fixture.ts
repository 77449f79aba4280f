/** Writes small IDX files for tests: big-endian words, then bytes. */
const words = (...values: number[]): number[] => values.flatMap((n) => [n >>> 24, n >>> 16, n >>> 8, n]);

/** A file of `count` images; pixel `i` of the whole file is `pixel(i)`. */
export function idxImages(
  count: number,
  rows: number,
  columns: number,
  pixel: (i: number) => number = () => 0,
): Uint8Array<ArrayBuffer> {
  const pixels = Array.from({ length: count * rows * columns }, (_, i) => pixel(i));
  return Uint8Array.from([...words(2051, count, rows, columns), ...pixels]);
}

/** A file of labels. */
export const idxLabels = (labels: readonly number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...words(2049, labels.length), ...labels]);
