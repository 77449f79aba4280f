import { kernels } from "../../00-runtime/index.ts";
import { node, type OnnxNode, type Tensor } from "../../01-tensor/index.ts";
import { emptyImages, inOrder, type Lines } from "../layout.ts";
import * as reference from "./batch-norm.reference.ts";
import * as split from "./batch-norm.split.ts";

const kernel = kernels(reference, split);

/** Mean (in two parts, for float32 rounds the first) and variance of every channel. */
export interface Statistics {
  readonly shift: Tensor;
  readonly rest: Tensor;
  readonly variance: Tensor;
}

/** Everything that a pass over memory needs: numbers, and what belongs to their channels. */
export interface Channels extends Statistics {
  readonly lines: Lines;
  readonly w: Tensor;
  readonly b: Tensor;
  readonly eps: number;
}

/** dw = Σ g·x̂ and db = Σ g, of every channel. */
export interface Sums {
  readonly dw: Tensor;
  readonly db: Tensor;
}

/** Normalisation, and what follows it in the same pass over memory: forward, backward, and as differentiable operations. */
export interface Passes {
  forward(channels: Channels): Tensor;
  sums(channels: Channels, g: Tensor): Sums;
  /** What dw and db take away stands for the statistics' own dependence on x. */
  toInput(channels: Channels, g: Tensor, sums: Sums): Tensor;
  /** The gradient of the normalised numbers z from that of the result, in operations that can be differentiated again. */
  through(g: Tensor, z: () => Tensor): Tensor;
  onnx(z: OnnxNode): OnnxNode;
  signature(channels: Channels): ArrayLike<number> | null;
}

export const sizes = ({
  outer,
  channels,
  inner,
}: Lines): [outer: number, channels: number, inner: number] => [outer, channels, inner];

/** Nothing follows, or relu: y = max(z, 0). */
export class PlainPasses implements Passes {
  readonly relu: boolean;
  constructor(relu: boolean) {
    this.relu = relu;
  }
  forward(channels: Channels): Tensor {
    return this.#normalized(channels, Number(this.relu));
  }
  #normalized({ lines, w, b, shift, rest, variance, eps }: Channels, relu: number): Tensor {
    const y = emptyImages(lines.x, lines.x.shape, lines.channelsLast);
    kernel.batchNorm(lines.x, w, b, shift, rest, variance, y, ...sizes(lines), eps, relu);
    return y;
  }
  sums({ lines, w, b, shift, rest, variance, eps }: Channels, given: Tensor): Sums {
    const g = inOrder(given, lines.channelsLast);
    const [dw, db] = [w.newEmpty(w.shape), b.newEmpty(b.shape)];
    const [outer, channels, inner] = sizes(lines);
    const settings = [channels * inner, eps, Number(this.relu)] as const;
    kernel.batchNormSums(
      lines.x,
      g,
      w,
      b,
      shift,
      rest,
      variance,
      dw,
      db,
      outer,
      channels,
      inner,
      ...settings,
    );
    return { dw, db };
  }
  toInput({ lines, w, b, shift, rest, variance, eps }: Channels, given: Tensor, { dw, db }: Sums): Tensor {
    const [x, g] = [lines.x, inOrder(given, lines.channelsLast)];
    const dx = emptyImages(x, x.shape, lines.channelsLast);
    const [outer, channels, inner] = sizes(lines);
    const settings = [eps, Number(this.relu), outer * inner] as const;
    kernel.batchNormGrad(x, g, w, b, shift, rest, variance, dw, db, dx, outer, channels, inner, ...settings);
    return dx;
  }
  through(g: Tensor, z: () => Tensor): Tensor {
    return this.relu ? z().gt(0).where(g, 0) : g;
  }
  onnx(z: OnnxNode): OnnxNode {
    return this.relu ? node("Relu", {}, [z]) : z;
  }
  signature(channels: Channels): ArrayLike<number> | null {
    return this.relu ? this.#normalized(channels, 0).gt(0).data : null;
  }
}
