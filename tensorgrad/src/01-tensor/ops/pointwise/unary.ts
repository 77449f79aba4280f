import type { Operand } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import type { OnnxNode } from "../../onnx-words.ts";
import { eachPlane } from "../../planes.ts";
import { isRecording } from "../../recording.ts";
import type { Tensor } from "../../tensor.ts";
import { alike } from "../shape/copy.ts";

/** y[r, c] = f(x[r·xRow + c·xCol]), as a family of kernels has it. */
export type UnaryLaunch = (
  x: Operand,
  y: Operand,
  rows: number,
  cols: number,
  xRow: number,
  xCol: number,
) => void;

/** dx = g · dy/dx of n contiguous elements, from the x or y that was saved. */
type GradientLaunch = (saved: Operand, g: Operand, dx: Operand, n: number) => void;

/** What a rule may use: the gradient g, the input x and the output y. */
type Rule = (g: Tensor, x: Tensor, y: Tensor) => Tensor;

/** One function of one tensor, element by element. */
export interface UnaryRow {
  /** The gradient of x. null: zero wherever it exists (steps), so nothing is passed back. */
  readonly rule: Rule | null;
  readonly onnx: OnnxNode | null;
  /** For functions with a kink: which branch each element took. */
  readonly signature?: (x: Tensor) => ArrayLike<number>;
  /** A kernel that does the whole rule in one pass; used while no graph of gradients is recorded. */
  readonly fused?: readonly [launch: GradientLaunch, saved: "x" | "y"];
}

/** A Function class for one row of a table. `name` is that of its kernel. */
export function unaryFunction(
  name: string,
  launch: UnaryLaunch,
  { rule, onnx, signature, fused }: UnaryRow,
): new () => Function {
  return class extends Function {
    #x!: Tensor;
    #y!: Tensor;
    override get name(): string {
      return name[0].toUpperCase() + name.slice(1);
    }
    forward(x: Tensor): Tensor {
      this.#x = x;
      this.#y = map(launch, x);
      return this.#y;
    }
    backward(g: Tensor): Gradient[] {
      if (fused && !isRecording()) return [() => chain(fused[0], fused[1] === "x" ? this.#x : this.#y, g)];
      return [rule && (() => rule(g, this.#x, this.#y))];
    }
    override onnx(): OnnxNode | null {
      return onnx;
    }
    override signature(): ArrayLike<number> | null {
      return signature?.(this.#x) ?? null;
    }
  };
}

/** y = f(x), element by element. */
function map(launch: UnaryLaunch, x: Tensor): Tensor {
  const y = x.newLike();
  eachPlane(y.shape, [x, y], ([x, y], rows, cols, [xRow, xCol]) => launch(x, y, rows, cols, xRow, xCol));
  return y;
}

/** g · f′ in one pass over memory. */
function chain(launch: GradientLaunch, saved: Tensor, g: Tensor): Tensor {
  const dx = saved.newLike();
  launch(alike(saved, dx), alike(g, dx), dx, dx.size);
  return dx;
}
