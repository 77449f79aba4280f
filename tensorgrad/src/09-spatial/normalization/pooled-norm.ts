import { kernels } from "../../00-runtime/index.ts";
import { node, type OnnxNode, type Tensor } from "../../01-tensor/index.ts";
import { emptyImages, inOrder } from "../layout.ts";
import { MaxPoolGrad } from "../pooling/max-pool.ts";
import { dilationsOf, type PoolGrid, sizesOf, slidingOnnx, tablesOf } from "../pooling/pool-grid.ts";
import type { Channels, Passes, Sums } from "./passes.ts";
import * as reference from "./pooled-norm.reference.ts";
import * as split from "./pooled-norm.split.ts";

const kernel = kernels(reference, split);

/**
 * Normalisation, relu and max pooling in one pass: y = the largest max(z, 0) of every window. Neither the normalised
 * image nor its gradient is ever stored.
 *
 * For channels that lie side by side, and windows that tile the image: `canPool`.
 */
export class PooledPasses implements Passes {
  readonly grid: PoolGrid;
  #index!: Tensor;
  #y!: Tensor;
  constructor(grid: PoolGrid) {
    this.grid = grid;
  }
  forward({ lines: { x }, w, b, shift, rest, variance, eps }: Channels): Tensor {
    const [N, C, H, W] = x.shape;
    const shape = [N, C, ...sizesOf(this.grid)];
    [this.#y, this.#index] = [emptyImages(x, shape, true), emptyImages(x, shape, true, "int32")];
    const numbers = [N, C, H, W, ...sizesOf(this.grid)] as const;
    const tables = tablesOf(x, this.grid);
    kernel.poolNorm(x, this.#y, this.#index, ...tables, ...numbers, w, b, shift, rest, variance, eps);
    return this.#y;
  }
  sums({ lines: { x }, w, b, shift, rest, variance, eps }: Channels, given: Tensor): Sums {
    const g = inOrder(given, true);
    const [dw, db] = [w.newEmpty(w.shape), b.newEmpty(b.shape)];
    const [N, C, H, W] = x.shape;
    const [h, w2] = sizesOf(this.grid);
    const numbers = [N, C, H * W, h * w2, C] as const;
    kernel.poolNormSums(x, g, this.#index, w, b, shift, rest, variance, dw, db, ...numbers, eps);
    return { dw, db };
  }
  toInput(
    { lines: { x }, w, b, shift, rest, variance, eps }: Channels,
    given: Tensor,
    { dw, db }: Sums,
  ): Tensor {
    const g = inOrder(given, true);
    const dx = emptyImages(x, x.shape, true);
    const [N, C, H, W] = x.shape;
    const numbers = [N, C, H, W, ...sizesOf(this.grid)] as const;
    const own = [w, b, shift, rest, variance, dw, db] as const;
    kernel.poolNormGrad(x, g, this.#index, dx, ...tablesOf(x, this.grid), ...numbers, ...own, eps, N * H * W);
    return dx;
  }
  through(g: Tensor, z: () => Tensor): Tensor {
    const positive = z().relu();
    return positive.gt(0).where(new MaxPoolGrad(this.grid, this.#index).apply(g, positive), 0);
  }
  onnx(z: OnnxNode): OnnxNode {
    return { ...slidingOnnx("MaxPool", this.grid, dilationsOf(this.grid)), inputs: [node("Relu", {}, [z])] };
  }
  /** Which pixel won; −1 where relu let none through. */
  signature(): ArrayLike<number> {
    return this.#y.gt(0).where(this.#index, -1).data;
  }
}

/** Whether these windows slide, and every pixel of the image belongs to one of them. */
export function canPool({ image, windows, slides }: PoolGrid): boolean {
  return (
    slides !== null &&
    windows.every(({ table, outputs, step }, d) => {
      const ends = Array.from({ length: outputs }, (_, i) => table[3 * i + 1]);
      const follow = ends.every((_, i) => table[3 * i] === (i === 0 ? 0 : ends[i - 1]));
      return step === 1 && follow && ends[outputs - 1] === image[d];
    })
  );
}
