import { kernels, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { float, node, type OnnxNode } from "../../onnx-words.ts";
import { eachPlane, newResult } from "../../planes.ts";
import { unobserved } from "../../reads.ts";
import { broadcastShapes } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { atanSeries } from "./angles.ts";
import * as reference from "./arithmetic.reference.ts";
import * as split from "./arithmetic.split.ts";

const kernel = kernels(reference, split);

/**
 * z = f(a, b), element by element, over the shape both broadcast to. Gradients have that shape too; the engine
 * sums them back over stretched dims.
 */
function zip(name: keyof typeof kernel, a: Tensor, b: Tensor): Tensor {
  const z = newResult(broadcastShapes(name, a.shape, b.shape), [a, b]);
  eachPlane(z.shape, [a, b, z], ([a, b, z], rows, cols, [aRow, aCol, bRow, bCol]) =>
    kernel[name](a, b, z, rows, cols, aRow, aCol, bRow, bCol),
  );
  return z;
}

// ————————————————————————————————————————————————————————————————————————————————————————— a + b, a − b

export class Add extends Function {
  forward(a: Tensor, b: Tensor): Tensor {
    return zip("add", a, b);
  }
  backward(g: Tensor): Gradient[] {
    return [g, g];
  }
  override onnx() {
    return node("Add");
  }
}

export class Sub extends Function {
  forward(a: Tensor, b: Tensor): Tensor {
    return zip("sub", a, b);
  }
  backward(g: Tensor): Gradient[] {
    return [g, () => g.neg()];
  }
  override onnx() {
    return node("Sub");
  }
}

// ————————————————————————————————————————————————————————————————————————————————————————— a · b, a / b

export class Mul extends Function {
  #a!: Tensor;
  #b!: Tensor;
  forward(a: Tensor, b: Tensor): Tensor {
    [this.#a, this.#b] = [a, b];
    return zip("mul", a, b);
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.mul(this.#b), () => g.mul(this.#a)];
  }
  override onnx() {
    return node(this.#a.dtype === "bool" ? "And" : "Mul"); // ONNX multiplies numbers only
  }
}

export class Div extends Function {
  #a!: Tensor;
  #b!: Tensor;
  forward(a: Tensor, b: Tensor): Tensor {
    [this.#a, this.#b] = [a, b];
    return zip("div", a, b);
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.div(this.#b), () => g.mul(this.#a).div(this.#b.square()).neg()];
  }
  override onnx() {
    return node("Div");
  }
}

// ————————————————————————————————————————————————————————————————————————————————————————————————— a^b

const both = (a: Tensor, b: Tensor): Tensor => a.mul(b); // of booleans

/** As in PyTorch, where a number is the exponent; among exponents in a tensor 2⁻¹ becomes 0, and (±1)ᵇ stays ±1. */
function refuseNegative(a: Tensor, b: Tensor): void {
  if (a.isFloat || b.rank > 0 || !(b.item() < 0)) return;
  throw new RangeError(
    `pow: ${a.dtype} ${show(a.shape)} to the power ${b.item()} — integers have no negative powers; ` +
      `convert first: x.to("float32").pow(${b.item()})`,
  );
}

/** d a^b/da = b·a^(b−1), 0 at 0^0; d a^b/db = a^b·ln a, 0 where a = 0 and b ≥ 0, NaN where a < 0. */
export class Pow extends Function {
  #a!: Tensor;
  #b!: Tensor;
  forward(a: Tensor, b: Tensor): Tensor {
    [this.#a, this.#b] = [a, b];
    refuseNegative(a, b);
    return zip("pow", a, b);
  }
  backward(g: Tensor): Gradient[] {
    const [a, b] = [this.#a, this.#b];
    return [
      () => g.mul(b).mul(both(a.eq(0), b.eq(0)).where(1, a).pow(b.sub(1))),
      () => g.mul(a.pow(b)).mul(both(a.eq(0), b.ge(0)).where(1, a).log()),
    ];
  }
  override onnx() {
    return node("Pow");
  }
}

// ———————————————————————————————————————————————————————————————————————————————— max(a, b), min(a, b)

/** Where both are equal, each operand gets half of the gradient; where one is NaN, so are both gradients. */
abstract class Extremum extends Function {
  #a!: Tensor;
  #b!: Tensor;
  abstract readonly kernel: "maximum" | "minimum";
  forward(a: Tensor, b: Tensor): Tensor {
    [this.#a, this.#b] = [a, b];
    return zip(this.kernel, a, b);
  }
  // exercise: tensor-extremum-backward
  backward(g: Tensor): Gradient[] {
    const [larger, smaller] = [this.#a.gt(this.#b), this.#a.lt(this.#b)];
    const [first, second] = this.kernel === "maximum" ? [larger, smaller] : [smaller, larger];
    const tied = this.#a.eq(this.#b).where(g.mul(0.5), NaN);
    const share = (wins: Tensor, loses: Tensor) => wins.where(g, loses.where(0, tied));
    return [() => share(first, second), () => share(second, first)];
  }
  override signature() {
    return this.#a.sub(this.#b).sign().data;
  }
}

/** max(a, b), broadcast. Gradient: to the larger one; half to each where they are equal. */
export class Maximum extends Extremum {
  readonly kernel = "maximum";
  override onnx() {
    return node("Max");
  }
}

/** min(a, b), broadcast. Gradient: to the smaller one; half to each where they are equal. */
export class Minimum extends Extremum {
  readonly kernel = "minimum";
  override onnx() {
    return node("Min");
  }
}

// ————————————————————————————————————————————————————————————————————————————————— the angle of (b, a)

/** Where b is 0, π/2 with the sign of a; where b < 0, half a turn is added on the side of a. */
function angleNode(): OnnxNode {
  const level = node("Equal", {}, [1, float(0)]);
  const slope = node("Div", {}, [0, node("Where", {}, [level, float(1), 1])]);
  const angle: OnnxNode = { ...node("Atan", {}, [slope]), float64: () => atanSeries(slope) };
  const turn = node("Where", {}, [node("Less", {}, [0, float(0)]), float(-Math.PI), float(Math.PI)]);
  const turned = node("Where", {}, [node("Less", {}, [1, float(0)]), node("Add", {}, [angle, turn]), angle]);
  const upright = node("Mul", {}, [node("Sign", {}, [0]), float(Math.PI / 2)]);
  return node("Where", {}, [level, upright, turned]);
}

/**
 * The angle of the point (b, a), from −π to π: a is its height.
 *
 * Gradient  a: g·b/(a² + b²); b: −g·a/(a² + b²); NaN at (0, 0), where there is none
 */
export class Atan2 extends Function {
  #a!: Tensor;
  #b!: Tensor;
  forward(a: Tensor, b: Tensor): Tensor {
    [this.#a, this.#b] = [a, b];
    return zip("atan2", a, b);
  }
  backward(g: Tensor): Gradient[] {
    const half = (x: Tensor) => x.mul(0.5).abs();
    const scale = half(this.#a).add(half(this.#b)).detach(); // squares of a and b could overflow or vanish
    const [a, b] = [this.#a.div(scale), this.#b.div(scale)];
    const share = g.div(a.square().add(b.square()).mul(scale));
    return [() => share.mul(b), () => share.mul(a).neg()];
  }
  override onnx() {
    return angleNode();
  }
}

// ——————————————————————————————————————————————————————————————————————————————————————————————— a mod b

/** Integers have no NaN to answer with. */
function refuseZero(a: Tensor, b: Tensor): void {
  if (a.isFloat || !unobserved(() => b.data).includes(0)) return;
  throw new RangeError(
    `fmod: ${a.dtype} ${show(a.shape)} by 0 — integers have no remainder then; convert first: x.to("float32")`,
  );
}

/**
 * What is left of a after whole multiples of b, with the sign of a, as C's fmod. Exact; NaN where b is 0.
 *
 * Gradient  a: g; b: −g·n, n = (a − y)/b the whole number of times
 */
export class Fmod extends Function {
  #a!: Tensor;
  #b!: Tensor;
  #y!: Tensor;
  forward(a: Tensor, b: Tensor): Tensor {
    refuseZero(a, b);
    this.#y = zip("fmod", a, b);
    [this.#a, this.#b] = [a, b];
    return this.#y;
  }
  backward(g: Tensor): Gradient[] {
    return [g, () => g.mul(this.#times()).neg()];
  }
  #times(): Tensor {
    return this.#a.sub(this.#y).div(this.#b).round();
  }
  override onnx() {
    return node("Mod", { fmod: 1 });
  }
  override signature() {
    return this.#times().data;
  }
}
