import { kernels } from "../00-runtime/index.ts";
import { Function, type Gradient, node, type OnnxNode, type Tensor } from "../01-tensor/index.ts";
import * as linearReference from "./linear.reference.ts";
import * as linearSplit from "./linear.split.ts";
import * as productReference from "./product.reference.ts";
import * as productSplit from "./product.split.ts";
import * as rowsReference from "./rows.reference.ts";
import * as rowsSplit from "./rows.split.ts";

export const product = kernels(productReference, productSplit, { integer: ["productInt8"] });
export const rows = kernels(rowsReference, rowsSplit);
export const linear = kernels(linearReference, linearSplit);

/** Operations on integers: no gradient flows through. */
abstract class Integers extends Function {
  override get differentiable(): boolean {
    return false;
  }
  backward(): Gradient[] {
    return this.prev.map(() => null);
  }
}

/**
 * Rows as integers from 0 to `high`, each with its scale and zero point.
 *
 *   q = clamp(round(x/scale) + zero, 0, high), halves to the even integer
 *
 * Shapes    x [N, K] float, scale [N] or [1] float, zero as scale uint8 → q [N, K] uint8
 * ONNX      QuantizeLinear; Clip where `high` is not 255
 */
export class QuantizeLinear extends Integers {
  readonly high: number;
  constructor(high: number) {
    super();
    this.high = high;
  }
  forward(x: Tensor, scale: Tensor, zero: Tensor): Tensor {
    const [N, K] = x.shape;
    const q = x.newEmpty([N, K], "uint8");
    const rest = [x.newEmpty([1]), x.newEmpty([1], "uint8")] as const;
    const [from, steps, zeros] = [x.contiguous(), scale.contiguous().elements, zero.contiguous().elements];
    for (let r = 0; r < N; r++) {
      const s = r % scale.size;
      rows.quantizeRows(from.select(0, r), q.select(0, r), ...rest, 1, K, this.high, steps[s], zeros[s]);
    }
    return q;
  }
  override onnx(): OnnxNode {
    const whole = node("QuantizeLinear", { axis: 0 });
    if (this.high === 255) return whole;
    const [least, most] = [0, this.high].map((n) => ({ dtype: "uint8", shape: [], data: [n] }) as const);
    return node("Clip", {}, [whole, least, most]);
  }
}

/**
 * The numbers that integers stand for.
 *
 *   y = (q − zero)·scale
 *
 * Shapes    q [N, ...] int8 or uint8, scale [N] or [1] float, zero as scale, of q's dtype → y [N, ...]
 * ONNX      DequantizeLinear
 */
export class DequantizeLinear extends Integers {
  forward(q: Tensor, scale: Tensor, zero: Tensor): Tensor {
    const over = [scale.size, ...q.shape.slice(1).map(() => 1)];
    return q.to(scale.dtype).sub(zero.to(scale.dtype).reshape(over)).mul(scale.reshape(over));
  }
  override onnx(): OnnxNode {
    return node("DequantizeLinear", { axis: 0 });
  }
}

/**
 * The product of integers: exact.
 *
 *   y[i, j] = Σₚ a[i, p]·w[j, p]
 *
 * Shapes    a [N, K] uint8, w [M, K] int8 → y [N, M] int32
 * Cost      2·N·M·K operations; weights are read once
 * ONNX      MatMulInteger
 */
export class MatMulInteger extends Integers {
  forward(a: Tensor, w: Tensor): Tensor {
    const [[N, K], M] = [a.shape, w.shape[0]];
    const y = a.newEmpty([N, M], "int32");
    product.productInt8(a.contiguous(), w.contiguous(), y, N, M, K, M);
    return y;
  }
  override onnx(): OnnxNode {
    return node("MatMulInteger", {}, [0, node("Transpose", { perm: [1, 0] }, [1])]);
  }
}
