import {
  Function,
  type Gradient,
  type OnnxNode,
  type Shape,
  type Tensor,
  zeros,
} from "../../01-tensor/index.ts";
import { type ConvSizes, convSizes, type Geometry } from "../geometry.ts";
import { onnxConv, onnxConvTranspose, onnxConvWeight } from "./conv-onnx.ts";
import { wayOf } from "./ways.ts";

// A convolution is one sum of terms g·x·w, seen from one of three sides: what x and w make of it (y), what g and w make of
// it (the gradient of x), what x and g make of it (the gradient of w). So each of the three is differentiated by the other
// two, and that as often as one likes.

abstract class OneOfThree extends Function {
  readonly geometry: Geometry;
  /** Height and width of the result. Where a stride skips pixels, the operands do not tell. */
  readonly size: Shape;
  protected sizes!: ConvSizes;
  constructor(geometry: Geometry, size: Shape) {
    super();
    [this.geometry, this.size] = [geometry, size];
  }
  protected y(x: Tensor, w: Tensor, like: Tensor): Tensor {
    return new Convolution(this.geometry, like.shape.slice(2)).apply(x, w);
  }
  protected dx(g: Tensor, w: Tensor, like: Tensor): Tensor {
    return new ConvolutionTransposed(this.geometry, like.shape.slice(2)).apply(g, w);
  }
  protected dw(x: Tensor, g: Tensor, like: Tensor): Tensor {
    return new ConvolutionWeight(this.geometry, like.shape.slice(2)).apply(x, g);
  }
}

/** Images x [N, C, H, W] seen through filters w [O, C/groups, K, L], plus b [O]: y [N, O, H′, W′]. See conv2d.ts. */
export class Convolution extends OneOfThree {
  #x!: Tensor;
  #w!: Tensor;
  forward(x: Tensor, w: Tensor, b = zeros([w.shape[0]], { dtype: x.dtype })): Tensor {
    [this.#x, this.#w] = [x, w];
    this.sizes = convSizes(x.shape, w.shape, this.size, this.geometry);
    return wayOf(x, this.sizes).images(x, w, b, this.sizes);
  }
  backward(g: Tensor): Gradient[] {
    const [x, w] = [this.#x, this.#w];
    return [() => this.dx(g, w, x), () => this.dw(x, g, w), () => g.sum([0, 2, 3])].slice(
      0,
      this.prev.length,
    );
  }
  override multiplyAdds([, w]: readonly Tensor[], y: Tensor): number {
    return y.size * (w.size / w.shape[0]);
  }
  override onnx(): OnnxNode {
    return onnxConv(this.sizes, this.prev.length > 2);
  }
}

/** Every g [N, O, H′, W′] spread over the pixels that its filter saw, plus b [C]: [N, C, H, W]. */
export class ConvolutionTransposed extends OneOfThree {
  #g!: Tensor;
  #w!: Tensor;
  forward(g: Tensor, w: Tensor, b = zeros([w.shape[1] * this.geometry.groups], { dtype: g.dtype })): Tensor {
    [this.#g, this.#w] = [g, w];
    const x = [g.shape[0], b.shape[0], ...this.size];
    this.sizes = convSizes(x, w.shape, g.shape.slice(2), this.geometry);
    return wayOf(g, this.sizes).transposed(g, w, b, this.sizes);
  }
  backward(gx: Tensor): Gradient[] {
    const [g, w] = [this.#g, this.#w];
    return [() => this.y(gx, w, g), () => this.dw(gx, g, w), () => gx.sum([0, 2, 3])].slice(
      0,
      this.prev.length,
    );
  }
  override multiplyAdds([g, w]: readonly Tensor[]): number {
    return g.size * (w.size / w.shape[0]);
  }
  override onnx(): OnnxNode {
    return onnxConvTranspose(this.sizes, this.prev.length > 2);
  }
}

/** What every tap of the filters saw, weighted by g: x [N, C, H, W] and g [N, O, H′, W′] → [O, C/groups, K, L]. */
export class ConvolutionWeight extends OneOfThree {
  #x!: Tensor;
  #g!: Tensor;
  forward(x: Tensor, g: Tensor): Tensor {
    [this.#x, this.#g] = [x, g];
    const w = [g.shape[1], x.shape[1] / this.geometry.groups, ...this.size];
    this.sizes = convSizes(x.shape, w, g.shape.slice(2), this.geometry);
    return wayOf(x, this.sizes).weight(x, g, this.sizes);
  }
  backward(gw: Tensor): Gradient[] {
    const [x, g] = [this.#x, this.#g];
    return [() => this.dx(g, gw, x), () => this.y(x, gw, g)];
  }
  override multiplyAdds([, g]: readonly Tensor[], dw: Tensor): number {
    return g.size * (dw.size / dw.shape[0]);
  }
  override onnx(): OnnxNode {
    return onnxConvWeight(this.sizes);
  }
}
