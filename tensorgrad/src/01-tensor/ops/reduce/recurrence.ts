import { kernels } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { linesOf } from "../../lines.ts";
import { float, int64s, node, type OnnxNode, type OnnxOperand } from "../../onnx-words.ts";
import { normalDim } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { fitted } from "./exact.ts";
import * as reference from "./recurrence.reference.ts";

const kernel = kernels(reference);

/**
 * A running value along one dim that is multiplied by a factor from step to step.
 *
 *   y[j] = g[j] + a[j]·y[j − 1], y[0] = g[0]      (reverse: y[j] = g[j] + a[j + 1]·y[j + 1])
 *
 * Shapes    g and a of one shape → y of that shape; a[0] is not used
 * Gradient  g: s, the same of the incoming gradient in the other direction; a: s[j]·y[j − 1], reverse s[j − 1]·y[j]
 * ONNX      ⌈log₂n⌉ rounds in which each element takes in those 1, 2, 4, … before it
 */
export class Recurrence extends Function {
  #a!: Tensor;
  #y!: Tensor;
  readonly dim: number;
  readonly reverse: boolean;
  constructor(dim: number, reverse = false) {
    super();
    [this.dim, this.reverse] = [dim, reverse];
  }
  forward(g: Tensor, a: Tensor): Tensor {
    const y = g.newEmpty(g.shape);
    kernel.recurrence(g.contiguous(), a.contiguous(), y, ...linesOf(g.shape, this.dim), this.reverse ? 1 : 0);
    [this.#a, this.#y] = [a, y];
    return y;
  }
  backward(g: Tensor): Gradient[] {
    const s = new Recurrence(this.dim, !this.reverse).apply(g, this.#a);
    const [later, earlier] = this.reverse ? [this.#y, s] : [s, this.#y];
    return [s, () => linked(later, earlier, this.dim)];
  }
  override onnx() {
    const [dim, n] = [this.dim, this.prev[0].shape[this.dim]];
    const mul = (a: OnnxOperand, b: OnnxOperand) => node("Mul", {}, [a, b]);
    const moved = (x: OnnxOperand, by: number) =>
      node("Pad", {}, [x, int64s(by, -by), float(0), int64s(dim)]); // a negative pad cuts off
    const sense = this.reverse ? -1 : 1;
    // a[j] links j with the one before it: without the first, or, from the end, one place earlier without the first.
    const without = node("Pad", {}, [1, int64s(-1, 0), float(0), int64s(dim)]);
    let link: OnnxOperand = node("Pad", {}, [
      without,
      int64s(...(this.reverse ? [0, 1] : [1, 0])),
      float(0),
      int64s(dim),
    ]);
    let y: OnnxNode | 0 = 0;
    for (let reach = 1; reach < n; reach *= 2) {
      y = node("Add", {}, [y, mul(link, moved(y, sense * reach))]);
      link = mul(link, moved(link, sense * reach));
    }
    return y === 0 ? node("Identity", {}, [0]) : y;
  }
}

/** later[j]·earlier[j − 1]; 0 at the beginning. */
function linked(later: Tensor, earlier: Tensor, dim: number): Tensor {
  const n = later.shape[dim];
  if (n === 0) return later;
  return along(later.narrow(dim, 1, n - 1).mul(earlier.narrow(dim, 0, n - 1)), dim, 1, 0, 0);
}

/** Padded along one dim only. */
const along = (x: Tensor, dim: number, before: number, after: number, value: number): Tensor =>
  x.pad([...new Array<number>(2 * (x.rank - 1 - dim)).fill(0), before, after], { value });

/** Every element in the place of the one `by` later; `value` where there was none. */
const later = (x: Tensor, dim: number, by: number, value: number): Tensor => along(x, dim, by, -by, value);

/**
 * Running products along one dim. The gradient is found without a division: it is right where elements are 0, too. Like
 * `prod`, multiplies booleans and bytes in int32.
 */
export function cumprod(x: Tensor, dim: number): Tensor {
  const d = normalDim("cumprod", dim, x.shape);
  const wide = x.isFloat ? x : x.to("float64"); // see exact.ts
  const products = scalarsAsLines(wide, (line) => {
    const n = line.shape[d];
    if (n === 0) return line;
    return new Recurrence(d).apply(along(line.narrow(d, 0, 1), d, 0, n - 1, 0), line);
  });
  return fitted("cumprod", products, x.isFloat ? x.dtype : "int32");
}

/**
 * ln of the running sums of eˣ along one dim, safe from overflow.
 *
 *   y[j] = m[j] + ln s[j],  s[j] = e^(x[j] − m[j]) + e^(m[j − 1] − m[j])·s[j − 1],  m the largest x so far
 *
 * No exponent is above 0. The result does not depend on m, so no gradient flows through it.
 */
export function logcumsumexp(x: Tensor, dim: number): Tensor {
  const d = normalDim("logcumsumexp", dim, x.shape);
  return scalarsAsLines(x.asFloat(), (line) => {
    if (line.size === 0) return line;
    const most = runningMax(line.detach(), d);
    const before = later(most, d, 1, -Infinity);
    const finite = (m: Tensor) => m.abs().eq(Infinity).where(0, m); // ∞ − ∞ would be NaN
    const shift = finite(most);
    const fade = before.eq(-Infinity).where(0, finite(before).sub(shift).exp());
    const sums = new Recurrence(d).apply(line.sub(shift).exp(), fade);
    const none = sums.eq(0); // so far all of x is −∞; ln's slope there, ∞, would meet a slope of 0
    return none.where(-Infinity, none.where(1, sums).log().add(shift));
  });
}

/** The largest element so far: each takes in those 1, 2, 4, … before it. */
function runningMax(x: Tensor, dim: number): Tensor {
  let most = x;
  for (let reach = 1; reach < x.shape[dim]; reach *= 2)
    most = most.maximum(later(most, dim, reach, -Infinity));
  return most;
}

/** A scalar is one line of one element. */
const scalarsAsLines = (x: Tensor, f: (line: Tensor) => Tensor): Tensor =>
  x.rank === 0 ? f(x.reshape(1)).reshape([]) : f(x);
