import { kernels } from "../../00-runtime/index.ts";
import {
  Function,
  float,
  type Gradient,
  int64s,
  node,
  type OnnxNode,
  type Tensor,
} from "../../01-tensor/index.ts";
import { emptyImages, imagesOf, inOrder } from "../layout.ts";
import * as reference from "./max-pool.reference.ts";
import * as split from "./max-pool.split.ts";
import {
  dilationsOf,
  indicesOnnx,
  type PoolGrid,
  sizesOf,
  slidingOnnx,
  tablesOf,
  windowsOnnx,
} from "./pool-grid.ts";

const kernel = kernels(reference, split);

/**
 * The largest number of every window, channel by channel.
 *
 *   y[n, c, i, j] = max over the window (i, j) of x[n, c, h, w]
 *
 * Shapes    x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient  all of g to the place where the largest number was: the first of equals; NaN beats everything
 * Memory    4 bytes for each output: where its number came from
 * ONNX      MaxPool; windows of several sizes: their pixels gathered, then ReduceMax
 */
export class MaxPool extends Function {
  #index!: Tensor;
  readonly grid: PoolGrid;
  constructor(grid: PoolGrid) {
    super();
    this.grid = grid;
  }
  forward(given: Tensor): Tensor {
    const { x, channelsLast, count, channels } = imagesOf(given);
    const shape = [...x.shape.slice(0, 2), ...sizesOf(this.grid)];
    const y = emptyImages(x, shape, channelsLast);
    this.#index = emptyImages(x, shape, channelsLast, "int32");
    const [rows, cols] = tablesOf(x, this.grid);
    const steps = this.grid.windows.map(({ step }) => step) as [number, number];
    kernel.maxPool(x, y, this.#index, rows, cols, count, channels, ...hw(x), ...hw(y), ...steps);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new MaxPoolGrad(this.grid, this.#index).apply(g, this.prev[0])];
  }
  override onnx(): OnnxNode {
    return this.grid.slides
      ? slidingOnnx("MaxPool", this.grid, dilationsOf(this.grid))
      : node("ReduceMax", { keepdims: 0 }, [windowsOnnx(this.grid), int64s(-1)]);
  }
  override signature() {
    return this.#index.data;
  }
}

/**
 * The adjoint of MaxPool: each element of g goes to where the largest number of its window was.
 *
 * Shapes    g [N, C, H′, W′], x [N, C, H, W] → dx as x
 * Gradient  g: v taken from the same places; x: none, for it only decides which places those are
 * ONNX      ScatterElements with reduction add, at the Indices of MaxPool
 */
export class MaxPoolGrad extends Function {
  #index: Tensor;
  readonly grid: PoolGrid;
  constructor(grid: PoolGrid, index: Tensor) {
    super();
    [this.grid, this.#index] = [grid, index];
  }
  forward(given: Tensor, x: Tensor): Tensor {
    const { x: index, channelsLast, count, channels } = imagesOf(this.#index);
    const g = inOrder(given, channelsLast);
    const dx = emptyImages(g, x.shape, channelsLast);
    const [rows, cols] = tablesOf(g, this.grid);
    const steps = this.grid.windows.map(({ step }) => step) as [number, number];
    kernel.maxPoolGrad(g, index, dx, rows, cols, count, channels, ...hw(dx), ...hw(g), ...steps);
    return dx;
  }
  backward(v: Tensor): Gradient[] {
    return [() => new MaxPoolTake(this.grid, this.#index).apply(v, this.prev[1]), null];
  }
  override onnx(): OnnxNode {
    const pixels = this.grid.image[0] * this.grid.image[1];
    const flat = node("Reshape", {}, [1, int64s(-1, pixels)]); // [N·C, H·W]
    const zeros = node("Expand", {}, [float(0), node("Shape", {}, [flat])]);
    const g = node("Reshape", {}, [0, int64s(-1, sizesOf(this.grid)[0] * sizesOf(this.grid)[1])]);
    const scattered = node("ScatterElements", { axis: 1, reduction: "add" }, [
      zeros,
      indicesOnnx(this.grid, 1),
      g,
    ]);
    return node("Reshape", {}, [scattered, node("Shape", {}, [1])]);
  }
}

/**
 * The adjoint of MaxPoolGrad: the numbers of v at the places where MaxPool found the largest of x.
 *
 * Shapes    v and x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient  v: g to the places that it was taken from
 * ONNX      GatherElements
 */
export class MaxPoolTake extends Function {
  #index: Tensor;
  readonly grid: PoolGrid;
  constructor(grid: PoolGrid, index: Tensor) {
    super();
    [this.grid, this.#index] = [grid, index];
  }
  forward(given: Tensor): Tensor {
    const { x: index, channelsLast, count, channels } = imagesOf(this.#index);
    const v = inOrder(given, channelsLast);
    const y = emptyImages(v, index.shape, channelsLast);
    const [[H, W], [h, w]] = [hw(v), hw(y)];
    kernel.maxPoolTake(v, index, y, count, channels, H * W, h * w);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new MaxPoolGrad(this.grid, this.#index).apply(g, this.prev[1]), null];
  }
  override onnx(): OnnxNode {
    const flat = node("Reshape", {}, [0, int64s(-1, this.grid.image[0] * this.grid.image[1])]);
    const taken = node("GatherElements", { axis: 1 }, [flat, indicesOnnx(this.grid, 1)]);
    const channels = this.prev[0].shape[1];
    return node("Reshape", {}, [taken, int64s(-1, channels, ...sizesOf(this.grid))]);
  }
}

const hw = ({ shape }: Tensor): readonly [height: number, width: number] => [shape[2], shape[3]];
