import { kernels, promote } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node, type OnnxNode } from "../../onnx-words.ts";
import { isTensor, type Other, scalar } from "../../operands.ts";
import { eachPlane, newResult } from "../../planes.ts";
import { broadcastShapes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import * as reference from "./compare.reference.ts";
import * as split from "./compare.split.ts";

const kernel = kernels(reference, split);

type Name = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** A comparison gives true or false: nothing flows back through it. */
function comparison(name: Name, onnx: OnnxNode): new () => Function {
  return class extends Function {
    override get name(): string {
      return name[0].toUpperCase() + name.slice(1);
    }
    forward(a: Tensor, b: Tensor): Tensor {
      const z = newResult(broadcastShapes(name, a.shape, b.shape), [a, b], "bool");
      eachPlane(z.shape, [a, b, z], ([a, b, z], rows, cols, [aRow, aCol, bRow, bCol]) =>
        kernel[name](a, b, z, rows, cols, aRow, aCol, bRow, bCol),
      );
      return z;
    }
    backward(): Gradient[] {
      return [null, null];
    }
    override onnx(): OnnxNode {
      return onnx;
    }
  };
}

/** a = b, as bool; no gradient. */
export const Eq = comparison("eq", node("Equal"));
/** a ≠ b, as bool; no gradient. */
export const Ne = comparison("ne", node("Not", {}, [node("Equal")]));
/** a < b, as bool; no gradient. */
export const Lt = comparison("lt", node("Less"));
/** a ≤ b, as bool; no gradient. */
export const Le = comparison("le", node("LessOrEqual"));
/** a > b, as bool; no gradient. */
export const Gt = comparison("gt", node("Greater"));
/** a ≥ b, as bool; no gradient. */
export const Ge = comparison("ge", node("GreaterOrEqual"));

/** where(condition, a, b): a where the condition holds, else b; the gradient goes where the value came from. */
export class Where extends Function {
  #condition!: Tensor;
  forward(condition: Tensor, a: Tensor, b: Tensor): Tensor {
    this.#condition = condition;
    const shape = broadcastShapes("where", condition.shape, broadcastShapes("where", a.shape, b.shape));
    const z = newResult(shape, [a, b, condition], a.dtype);
    eachPlane(shape, [a, b, condition, z], ([a, b, c, z], rows, cols, [aRow, aCol, bRow, bCol, cRow, cCol]) =>
      kernel.where(a, b, c, z, rows, cols, aRow, aCol, bRow, bCol, cRow, cCol),
    );
    return z;
  }
  backward(g: Tensor): Gradient[] {
    return [null, () => this.#condition.where(g, 0), () => this.#condition.where(0, g)];
  }
  override signature() {
    return this.#condition.data;
  }
  override onnx() {
    return node("Where");
  }
}

/** Numbers take the other branch's dtype; two numbers are float32. */
export function where(condition: Tensor, a: Other, b: Other): Tensor {
  if (condition.dtype !== "bool") {
    throw new TypeError(
      `where: a condition of dtype ${condition.dtype} — a condition is a tensor of bool; compare first: x.gt(0).where(a, b)`,
    );
  }
  const like = isTensor(a) ? a : isTensor(b) ? b : condition.newEmpty([], "float32");
  const [left, right] = [a, b].map((x) => (isTensor(x) ? x : scalar(x, like, "where")));
  const dtype = promote(left.dtype, right.dtype);
  return new Where().apply(condition, left.to(dtype), right.to(dtype));
}
