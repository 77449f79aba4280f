import { expectArgument, ShapeError, show } from "../00-runtime/index.ts";
import { fromArray, isTensor, type Tensor } from "../01-tensor/index.ts";

/** a = u·diag(s)·vᵀ, with k = min(m, n). */
export interface SVD {
  /** [m, k], orthonormal columns */
  readonly u: Tensor;
  /** [k], ≥ 0, the largest first */
  readonly s: Tensor;
  /** [n, k], orthonormal columns */
  readonly v: Tensor;
}

type Columns = readonly Float64Array[];

const EPS = 2 ** -52;
/** Ten are enough for hundreds of columns; the limit only ends a loop that rounding keeps alive. */
const MOST_SWEEPS = 60;

/**
 * Singular values and vectors, by rotations that make the columns orthogonal, pair by pair (one-sided Jacobi).
 *
 *   a·V = U·diag(s): after the last rotation, the columns' lengths are s, their directions U, and all rotations together V
 *
 * Shapes    a [m, n] → u [m, k], s [k], v [n, k], k = min(m, n); computed in float64, given in a's dtype
 * Cost      about 6·m·n² flops a sweep, six to ten sweeps
 * Throws    ShapeError for what is no matrix; RangeError for elements that are not finite
 * Source    Hestenes 1958; Golub & Van Loan, Matrix Computations, 8.6
 */
export function svd(a: Tensor): SVD {
  expectArgument(isTensor(a), "svd", "a", a, "a tensor");
  if (a.rank !== 2) throw new ShapeError(`svd: ${show(a.shape)} — only a matrix [m, n] has singular values`);
  if (!a.contiguous().data.every(Number.isFinite))
    throw new RangeError(
      `svd: a matrix ${show(a.shape)} with elements that are NaN or ∞ — all must be finite`,
    );
  const [m, n] = a.shape;
  if (m < n) {
    const { u, s, v } = svd(a.detach().t().contiguous());
    return { u: v, s, v: u };
  }
  const largest =
    Float64Array.from(a.contiguous().data).reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1; // squares must not overflow
  const columns = columnsOf(a, largest);
  const right = identity(n);
  const floor = EPS * Math.sqrt(m) * Math.max(...columns.map(length), 0); // shorter ones are rounding, not directions
  for (let sweep = 0; sweep < MOST_SWEEPS && rotateAll(columns, right, floor); sweep++);
  return sorted(a, columns, right, { scale: largest, floor });
}

function columnsOf(a: Tensor, largest: number): Float64Array[] {
  const [m, n] = a.shape;
  const { data } = a.contiguous();
  return Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: m }, (_, i) => data[i * n + j] / largest),
  );
}

const identity = (n: number): Float64Array[] =>
  Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)));

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const length = (a: Float64Array): number => Math.sqrt(dot(a, a));

/** One sweep over all pairs; whether one of them had to be turned. */
function rotateAll(columns: Columns, right: Columns, floor: number): boolean {
  let turned = false;
  for (let p = 0; p < columns.length; p++) {
    for (let q = p + 1; q < columns.length; q++) {
      const [a, b] = [columns[p], columns[q]];
      const [alpha, beta, gamma] = [dot(a, a), dot(b, b), dot(a, b)];
      if (Math.min(alpha, beta) <= floor * floor) continue;
      if (Math.abs(gamma) <= EPS * Math.sqrt(a.length) * Math.sqrt(alpha * beta)) continue;
      const zeta = (beta - alpha) / (2 * gamma);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const cosine = 1 / Math.hypot(1, tangent);
      rotate(a, b, cosine, cosine * tangent);
      rotate(right[p], right[q], cosine, cosine * tangent);
      turned = true;
    }
  }
  return turned;
}

/** Turns two columns in their plane, so that (by the choice of the angle) they are orthogonal. */
function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

/** The longest columns first, as directions and lengths; directions of length 0 are made up. */
function sorted(
  a: Tensor,
  columns: Columns,
  right: Columns,
  { scale, floor }: { scale: number; floor: number },
): SVD {
  const [m, n] = a.shape;
  const lengths = columns.map(length);
  const order = [...lengths.keys()].sort((p, q) => lengths[q] - lengths[p]);
  const left: Float64Array[] = [];
  for (const j of order)
    left.push(lengths[j] > floor ? columns[j].map((x) => x / lengths[j]) : orthogonalTo(left, m));
  const s = order.map((j) => (lengths[j] > floor ? lengths[j] * scale : 0));
  const given = (values: Float64Array, shape: readonly number[]) => fromArray(values, shape).to(a.dtype);
  return {
    u: given(rowsOf(left, m), [m, n]),
    s: given(Float64Array.from(s), [n]),
    v: given(
      rowsOf(
        order.map((j) => right[j]),
        n,
      ),
      [n, n],
    ),
  };
}

/** Some direction that is orthogonal to all of these: what is left of a unit vector. Twice, against rounding. */
function orthogonalTo(others: Columns, m: number): Float64Array {
  for (let i = 0; i < m; i++) {
    const x = new Float64Array(m);
    x[i] = 1;
    for (const u of [...others, ...others]) {
      const along = dot(u, x);
      for (let j = 0; j < m; j++) x[j] -= along * u[j];
    }
    const left = length(x);
    if (left >= 0.9 / Math.sqrt(m)) return x.map((value) => value / left); // one of the m unit vectors has so much left
  }
  return new Float64Array(m);
}

/** Columns as row-major numbers [rows, columns]. */
function rowsOf(columns: Columns, rows: number): Float64Array {
  const values = new Float64Array(rows * columns.length);
  for (const [j, column] of columns.entries())
    for (let i = 0; i < rows; i++) values[i * columns.length + j] = column[i];
  return values;
}
