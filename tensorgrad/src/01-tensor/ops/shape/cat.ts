import { expectArgument, isList, promote, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import { isTensor } from "../../operands.ts";
import { sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { copyInto } from "./copy.ts";
import { dimOf, Slice } from "./slice.ts";

/** Tensors end to end along one dim. */
export class Cat extends Function {
  override get movesBits(): boolean {
    return true;
  }
  #sizes!: readonly number[];
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(...inputs: Tensor[]): Tensor {
    this.#sizes = inputs.map((x) => x.shape[this.dim]);
    const total = this.#sizes.reduce((sum, n) => sum + n, 0);
    const y = inputs[0].newEmpty(inputs[0].shape.with(this.dim, total));
    let start = 0;
    for (const x of inputs) {
      const end = start + x.shape[this.dim];
      copyInto(x, new Slice(this.dim, start, end, 1).forward(y));
      start = end;
    }
    return y;
  }
  backward(g: Tensor): Gradient[] {
    let end = 0;
    return this.#sizes.map((n) => {
      const start = end;
      end += n;
      return () => g.narrow(this.dim, start, n);
    });
  }
  override onnx() {
    return node("Concat", { axis: this.dim });
  }
}

/** Joins tensors along an existing dim; all other sizes must be equal. Different dtypes become the last on the ladder. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  expectArgument(isList(tensors) && tensors.every(isTensor), "cat", "tensors", tensors, "a list of tensors");
  if (tensors.length === 0) throw new ShapeError("cat: no tensors — at least one is needed");
  const [first] = tensors;
  const d = dimOf("cat", first, dim);
  for (const x of tensors) {
    if (x.rank === first.rank && x.shape.every((n, i) => i === d || n === first.shape[i])) continue;
    throw new ShapeError(
      `cat: ${show(first.shape)} and ${show(x.shape)} along dim ${dim} — all other dims must be equal`,
    );
  }
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  return joined(
    tensors.map((x) => x.to(dtype)),
    d,
  );
}

/** So many tensors are the arguments of one operation at most: a call has no room for 100,000. */
const MOST = 4096;

function joined(tensors: readonly Tensor[], dim: number): Tensor {
  if (tensors.length <= MOST) return new Cat(dim).apply(...tensors);
  const groups = Array.from({ length: Math.ceil(tensors.length / MOST) }, (_, i) =>
    new Cat(dim).apply(...tensors.slice(i * MOST, (i + 1) * MOST)),
  );
  return joined(groups, dim);
}

/** Joins tensors of one shape along a new dim. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  expectArgument(
    isList(tensors) && tensors.every(isTensor),
    "stack",
    "tensors",
    tensors,
    "a list of tensors",
  );
  if (tensors.length === 0) throw new ShapeError("stack: no tensors — at least one is needed");
  const [first] = tensors;
  const other = tensors.find((x) => !sameShape(x.shape, first.shape));
  if (other) {
    throw new ShapeError(
      `stack: ${show(first.shape)} and ${show(other.shape)} — all shapes must be equal; cat joins others`,
    );
  }
  const apart = tensors.map((x) => x.unsqueeze(dim));
  return cat(apart, dim);
}
