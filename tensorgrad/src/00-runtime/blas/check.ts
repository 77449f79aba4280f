import { show } from "../errors.ts";
import type { Product } from "../product.ts";
import type { BlasLibrary } from "./library.ts";

/** The plain loops that a library is checked against. */
export type ReferenceGemm = (product: Product<Float32Array>) => void;

// Odd sizes reach the edges of every tile, the last one the blocked path of any library; alpha and beta are all kinds
// that library code treats apart. The reference takes long for large products: only every `step`-th row is compared.
const CASES = [
  { m: 5, n: 7, k: 3, alpha: 1, beta: 0, step: 1 },
  { m: 33, n: 17, k: 29, alpha: 1, beta: 1, step: 1 },
  { m: 19, n: 34, k: 40, alpha: -0.5, beta: 2, step: 1 },
  { m: 130, n: 131, k: 129, alpha: 1, beta: 0, step: 43 },
  { m: 97, n: 101, k: 99, alpha: 1, beta: 1, step: 16 },
];
/** C's rows lie further apart than they are long: nothing may be written between them. Or they have no gaps. */
const PADDINGS = [3, 0];

/**
 * Does the library multiply as the reference does, for every combination of transposes that it has words for?
 *
 * Returns null if so, else what went wrong. A sum of k products in [-1, 1] may be off by (k + 4) roundings of its
 * largest possible value, in whatever order it is added up; anything beyond is a fault of the library.
 */
export function disagreement(library: BlasLibrary, reference: ReferenceGemm): string | null {
  let compared = 0;
  for (const { m, n, k, alpha, beta, step } of CASES) {
    for (const width of PADDINGS.map((padding) => n + padding)) {
      const [a, b, c] = [numbers(m * k, 1), numbers(k * n, 2), numbers(m * width, 3)];
      if (beta === 0) c.fill(Number.NaN); // overwritten unread
      const [expected, allowed] = [c.slice(), 2 ** -24 * (k + 4) * (Math.abs(alpha) * k + Math.abs(beta))];
      const some = { m: Math.ceil(m / step), aRow: step * k, cRow: step * width, aCol: 1, bRow: n, bCol: 1 };
      reference({ a, b, c: expected, n, k, alpha, beta, ...some });
      for (const x of layouts(a, m, k)) {
        for (const y of layouts(b, k, n)) {
          const strides = { aRow: x.row, aCol: x.col, bRow: y.row, bCol: y.col, cRow: width };
          const got = multiplied(library, x.data, y.data, c, { m, n, k, ...strides, alpha, beta });
          if (!got) continue;
          compared++;
          const at = firstBeyond(allowed, got, expected, width, step);
          if (at < 0) continue;
          const what = `${show([m, k])}${x.how} · ${show([k, n])}${y.how}`;
          return `it says ${got[at]} for ${expected[at]} in ${what} with alpha ${alpha} and beta ${beta}`;
        }
      }
    }
  }
  return compared > 0 ? null : "it has no words for any product";
}

/** A copy of C after the product; null where the library leaves it to others. */
function multiplied(
  library: BlasLibrary,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  sizes: Omit<Product<number>, "a" | "b" | "c">,
): Float32Array | null {
  const got = c.slice();
  const [from, to, into] = [a, b, got].map(library.addressOf);
  const calls = library.callsFor({ a: from, b: to, c: into, ...sizes }, 0);
  for (const call of calls ?? []) library.call(...call);
  return calls && got;
}

/** A [rows, cols] matrix stored by rows, and the same one stored by columns. */
function layouts(data: Float32Array, rows: number, cols: number) {
  const byColumns = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) byColumns[(i % cols) * rows + Math.floor(i / cols)] = data[i];
  return [
    { data, row: cols, col: 1, how: "" },
    { data: byColumns, row: 1, col: rows, how: " by columns" },
  ];
}

/** Where every `step`-th row of two arrays differs by more than `allowed`, -1 if nowhere; NaN equals only NaN. */
function firstBeyond(
  allowed: number,
  got: Float32Array,
  expected: Float32Array,
  width: number,
  step: number,
): number {
  for (let row = 0; row < got.length; row += step * width)
    for (let i = row; i < row + width; i++)
      if (!(Math.abs(got[i] - expected[i]) <= allowed) && !Object.is(got[i], expected[i])) return i;
  return -1;
}

/** Numbers in [-1, 1) with all bits of their mantissas in use, from a small generator of their own (Park and Miller). */
function numbers(count: number, seed: number): Float32Array {
  const drawn = new Float32Array(count);
  let state = seed * 7919;
  for (let i = 0; i < count; i++) {
    state = (state * 48_271) % 2_147_483_647;
    drawn[i] = state / 1_073_741_824 - 1;
  }
  return drawn;
}
