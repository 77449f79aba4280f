import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import type { Tensor } from "../../tensor.ts";
import { packed } from "./copy.ts";

/** A copy with a storage of its own, in row-major order. */
export class Clone extends Function {
  override get movesBits(): boolean {
    return true;
  }
  forward(x: Tensor): Tensor {
    return packed(x);
  }
  backward(g: Tensor): Gradient[] {
    return [g];
  }
  override onnx() {
    return node("Identity");
  }
}
