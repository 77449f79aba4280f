import { float, node, type OnnxNode, type OnnxOperand } from "../../onnx-words.ts";

/** The angle whose tangent is `slope`, in ONNX's words: for engines that have angles in float32 only. */

const one = float(1);
const add = (a: OnnxOperand, b: OnnxOperand) => node("Add", {}, [a, b]);
const sub = (a: OnnxOperand, b: OnnxOperand) => node("Sub", {}, [a, b]);
const mul = (a: OnnxOperand, b: OnnxOperand) => node("Mul", {}, [a, b]);
const div = (a: OnnxOperand, b: OnnxOperand) => node("Div", {}, [a, b]);
const root = (x: OnnxOperand) => node("Sqrt", {}, [x]);

/** Three times tan(α/2) = t/(1 + √(1 + t²)), then the series of what is left. */
export function atanSeries(slope: OnnxOperand): OnnxNode {
  let t = slope;
  for (let halved = 0; halved < 3; halved++) t = div(t, add(one, root(add(one, mul(t, t)))));
  let sum: OnnxOperand = float(1 / 21); // |t| < 0.2: what comes next is below 2⁻⁵³
  for (let n = 19; n > 0; n -= 2) sum = sub(float(1 / n), mul(mul(t, t), sum));
  return mul(float(8), mul(t, sum));
}

/** asin x = 2·atan(x/(1 + √(1 − x²))), which has no quotient by 0 */
export const asinSeries = (x: OnnxOperand): OnnxNode =>
  mul(float(2), atanSeries(div(x, add(one, root(mul(sub(one, x), add(one, x)))))));

/** acos x = 2·asin √((1 − x)/2), exact near 1 */
export const acosSeries = (x: OnnxOperand): OnnxNode =>
  mul(float(2), asinSeries(root(mul(sub(one, x), float(0.5)))));
