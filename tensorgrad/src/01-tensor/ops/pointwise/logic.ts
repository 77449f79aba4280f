import { kernels } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import { isTensor, type Other, scalar } from "../../operands.ts";
import { eachPlane } from "../../planes.ts";
import { broadcastShapes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { checkKeep } from "../reduce/reduce.ts";
import * as reference from "./logic.reference.ts";

const kernel = kernels(reference);

/** Booleans in, booleans out: nothing flows back. */
function connective(name: "And" | "Or" | "Xor"): new () => Function {
  const call = `logical${name}` as const;
  return class extends Function {
    override get name(): string {
      return `Logical${name}`;
    }
    forward(a: Tensor, b: Tensor): Tensor {
      const z = a.newEmpty(broadcastShapes(call, a.shape, b.shape));
      eachPlane(z.shape, [a, b, z], ([a, b, z], rows, cols, [aRow, aCol, bRow, bCol]) =>
        kernel[call](a, b, z, rows, cols, aRow, aCol, bRow, bCol),
      );
      return z;
    }
    backward(): Gradient[] {
      return [null, null];
    }
    override onnx() {
      return node(name);
    }
  };
}

/** Whether both are not 0, as bool; no gradient. */
export const LogicalAnd = connective("And");
/** Whether one or both are not 0, as bool; no gradient. */
export const LogicalOr = connective("Or");
/** Whether exactly one is not 0, as bool; no gradient. */
export const LogicalXor = connective("Xor");

export class LogicalNot extends Function {
  forward(x: Tensor): Tensor {
    const y = x.newEmpty(x.shape);
    kernel.logicalNot(x.contiguous(), y, y.size);
    return y;
  }
  backward(): Gradient[] {
    return [null];
  }
  override onnx() {
    return node("Not");
  }
}

/** Every number but 0 counts as true, NaN as well. */
const truth = (x: Tensor): Tensor => (x.dtype === "bool" ? x : x.ne(0));

export const not = (x: Tensor): Tensor => new LogicalNot().apply(truth(x));

export function logical(call: string, Operation: new () => Function, a: Tensor, b: Other): Tensor {
  const right = isTensor(b) ? b : scalar(b, a, call);
  return new Operation().apply(truth(a), truth(right));
}

type Dims = number | readonly number[] | undefined;
type Keep = { readonly keepDim?: boolean };

/** Whether some element is not 0; false of nothing. */
export const any = (x: Tensor, dim: Dims, keep: Keep): Tensor =>
  truth(x).sum(dim, checkKeep("any", keep)).gt(0);

/** Whether no element is 0; true of nothing. */
export const all = (x: Tensor, dim: Dims, keep: Keep): Tensor =>
  not(x).sum(dim, checkKeep("all", keep)).eq(0);
