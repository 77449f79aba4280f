import type { DType } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import type { Tensor } from "../../tensor.ts";

/** Numbers of ONNX's TensorProto.DataType. */
const onnxType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  bool: 9,
  float64: 11,
} as const;

/** The same numbers in another dtype: rounded towards zero to integers, non-zero to true. */
export class Cast extends Function {
  #from!: DType;
  readonly dtype: DType;
  constructor(dtype: DType) {
    super();
    this.dtype = dtype;
  }
  forward(x: Tensor): Tensor {
    this.#from = x.dtype;
    const y = x.newLike(this.dtype);
    const [from, to] = [x.memoryOrder ? x.elements.subarray(0, x.size) : x.data, y.elements];
    if (this.dtype !== "bool") to.set(from);
    else for (let i = 0; i < from.length; i++) to[i] = from[i] === 0 ? 0 : 1;
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.to(this.#from)];
  }
  override onnx() {
    return node("Cast", { to: onnxType[this.dtype] });
  }
}
