import { type DType, repeated } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import type { Tensor } from "../../tensor.ts";
import { convert } from "./half.ts";

/** Numbers of ONNX's TensorProto.DataType. */
const onnxType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** The same numbers in another dtype: rounded towards zero to integers, non-zero to true. */
export class Cast extends Function {
  override get movesBits(): boolean {
    return true;
  }
  #from!: DType;
  readonly dtype: DType;
  constructor(dtype: DType) {
    super();
    this.dtype = dtype;
  }
  forward(x: Tensor): Tensor {
    this.#from = x.dtype;
    const y = x.newLike(this.dtype);
    repeated([x, y], convert);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.to(this.#from)];
  }
  override onnx() {
    return node("Cast", { to: onnxType[this.dtype] });
  }
}
