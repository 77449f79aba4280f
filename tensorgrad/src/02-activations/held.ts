import { functions, type Gradient, type Tensor } from "../01-tensor/index.ts";

/**
 * min(max(x, low), high), as `clamp`; but nothing passes at the bounds, where `clamp` lets the gradient through. Both are
 * PyTorch's conventions for the same kink.
 *
 * Gradient  g where low < x < high, else 0
 * ONNX      Clip
 */
export class Hardtanh extends functions.Clamp {
  override backward(g: Tensor): Gradient[] {
    const [x] = this.prev;
    return [() => x.le(this.low).logicalOr(x.ge(this.high)).where(0, g)];
  }
}
