import { kernels } from "../00-runtime/index.ts";
import {
  alike,
  Function,
  float,
  type Gradient,
  isRecording,
  node,
  type OnnxNode,
  type Tensor,
} from "../01-tensor/index.ts";
import * as reference from "./piecewise.reference.ts";
import * as split from "./piecewise.split.ts";

const kernel = kernels(reference, split);

type Name = Exclude<keyof typeof kernel, `${string}Grad`>;
type Settings = readonly number[];
type KernelCall = (...operands: (Tensor | number)[]) => void;

/** One function of x with settings: a rule above a point, another below it. */
interface Row {
  /** The gradient of x, given that of y, in operations that can be differentiated again. */
  readonly rule: (g: Tensor, x: Tensor, settings: Settings) => Tensor;
  /** Which elements are above the point. */
  readonly above: (x: Tensor, settings: Settings) => Tensor;
  readonly onnx: (settings: Settings, x: Tensor) => OnnxNode;
}

/** A Function class for one row. While no graph of gradients is recorded, the rule is one pass over x and g. */
function piecewise(name: Name, { rule, above, onnx }: Row): new (...settings: number[]) => Function {
  const [forward, backward] = [kernel[name] as KernelCall, kernel[`${name}Grad`] as KernelCall];
  return class extends Function {
    #x!: Tensor;
    readonly settings: Settings;
    constructor(...settings: number[]) {
      super();
      this.settings = settings;
    }
    override get name(): string {
      return name[0].toUpperCase() + name.slice(1);
    }
    forward(x: Tensor): Tensor {
      this.#x = x;
      const y = x.newLike();
      forward(alike(x, y), y, y.size, ...this.settings);
      return y;
    }
    backward(g: Tensor): Gradient[] {
      return [() => (isRecording() ? rule(g, this.#x, this.settings) : this.#fused(g))];
    }
    #fused(g: Tensor): Tensor {
      const dx = this.#x.newLike();
      backward(alike(this.#x, dx), alike(g, dx), dx, dx.size, ...this.settings);
      return dx;
    }
    override onnx(): OnnxNode {
      return onnx(this.settings, this.prev[0]);
    }
    override signature(): ArrayLike<number> {
      return above(this.#x, this.settings).data;
    }
  };
}

/** x above 0, slope·x below. ONNX: LeakyRelu */
export const LeakyRelu = piecewise("leakyRelu", {
  rule: (g, x, [slope]) => x.gt(0).where(g, g.mul(slope)),
  above: (x) => x.gt(0),
  onnx: ([alpha]) => node("LeakyRelu", { alpha: { float: alpha } }),
});

/** x above 0, α·(eˣ − 1) below. ONNX: Elu. The rule takes eˣ of negative x only: large ones would overflow. */
export const Elu = piecewise("elu", {
  rule: (g, x, [alpha]) => x.gt(0).where(g, g.mul(x.ge(0).where(0, x).exp().mul(alpha))),
  above: (x) => x.gt(0),
  onnx: ([alpha]) => node("Elu", { alpha: { float: alpha } }),
});

/** ln(1 + e^βx)/β up to βx = threshold, x above. */
export const Softplus = piecewise("softplus", {
  rule: (g, x, [beta, threshold]) => {
    const z = x.mul(beta);
    return z.gt(threshold).where(g, g.mul(z.sigmoid()));
  },
  above: (x, [beta, threshold]) => x.mul(beta).gt(threshold),
  onnx: ([beta, threshold], x) => softplusNode(beta, threshold, x.dtype === "float32" ? 17 : 40),
});

/** ONNX's Softplus has no settings. From `same` on, ln(1 + e^z) and z are the same number in the dtype at hand. */
function softplusNode(beta: number, threshold: number, same: number): OnnxNode {
  const plain = beta === 1;
  const z = plain ? 0 : node("Mul", {}, [0, float(beta)]);
  const soft = node("Softplus", {}, [z]);
  const y = plain ? soft : node("Div", {}, [soft, float(beta)]);
  return threshold >= same ? y : node("Where", {}, [node("Greater", {}, [z, float(threshold)]), 0, y]);
}

/** max(x, 0)², which has no kink: its slope is 0 at 0 from both sides. */
export const ReluSquared = piecewise("reluSquared", {
  rule: (g, x) => g.mul(x.relu()).mul(2),
  above: (x) => x.gt(0),
  onnx: () => node("Mul", {}, [node("Relu"), node("Relu")]),
});
