import { einsum, isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { float, int, required, text } from "../attributes.ts";
import { castHost } from "../host/cast.ts";
import { type Family, op } from "../operator.ts";
import { alikeTensors, arrayIn, floatOf, hostOf, isFloating, type Value } from "../values.ts";

/** Whole numbers are multiplied in float64 and stored as their own type: exact up to 2^53. */
export function matmul(a: Value, b: Value): Value {
  const [x, y] = [arrayIn(a), arrayIn(b)];
  const whole = !isFloating(x.dtype) && !isTensor(x) && !isTensor(y);
  if (!whole) return product(...(alikeTensors([x, y]) as [Tensor, Tensor]));
  const [p, q] = alikeTensors([castHost(x, "float64"), castHost(y, "float64")]);
  return castHost(hostOf(product(p, q)), x.dtype);
}

const product = (a: Tensor, b: Tensor): Tensor => a.asFloat().matmul(b.asFloat());

interface GemmAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: number;
  readonly transB: number;
}

function gemm([a, b, c]: readonly Value[], { alpha, beta, transA, transB }: GemmAttributes): Tensor {
  const [x, y] = alikeTensors([a, b]).map((t) => t.asFloat());
  const y0 = (transA ? x.t() : x).matmul(transB ? y.t() : y);
  const scaled = alpha === 1 ? y0 : y0.mul(alpha);
  if (!c || beta === 0) return scaled;
  const bias = floatOf(c, y0);
  return scaled.add(beta === 1 ? bias : bias.mul(beta));
}

/** The determinant of matrices by expansion in rows; meant for the small ones that graphs have. */
function det(x: Tensor): Tensor {
  const n = x.shape.at(-1) ?? 0;
  if (n > 8) throw new RangeError(`a determinant of ${n} × ${n} — at most 8 × 8 are computed`);
  if (n === 1) return x.select(-1, 0).select(-1, 0);
  const first = x.select(-2, 0); // [..., n]
  const below = x.narrow(-2, 1, n - 1);
  const columns = Array.from({ length: n }, (_, j) => j);
  const terms = columns.map((j) => {
    const others = columns.filter((k) => k !== j);
    const minor = below.indexSelect(-1, x.newFrom(others, [n - 1], "int32"));
    const term = first.select(-1, j).mul(det(minor));
    return j % 2 ? term.neg() : term;
  });
  return terms.reduce((sum, term) => sum.add(term));
}

/** Products of matrices. */
export const products: Family = {
  MatMul: [op(1, "A B", {}, ([a, b]) => matmul(a, b))],
  Gemm: [
    op(7, "A B C?", { alpha: float(1), beta: float(1), transA: int(0), transB: int(0) }, (x, a) =>
      gemm(x, a),
    ),
  ],
  Einsum: [
    op(12, "Inputs*", { equation: required(text()) }, (x, { equation }) =>
      einsum(equation, ...alikeTensors(x).map((t) => t.asFloat())),
    ),
  ],
  Det: [op(11, "X", {}, ([x]) => det(floatOf(x)))],
};
