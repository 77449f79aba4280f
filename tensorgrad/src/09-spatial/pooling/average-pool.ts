import { kernels } from "../../00-runtime/index.ts";
import {
  Function,
  type Gradient,
  node,
  type OnnxConstant,
  type OnnxNode,
  type Tensor,
} from "../../01-tensor/index.ts";
import { emptyImages, imagesOf } from "../layout.ts";
import * as reference from "./average-pool.reference.ts";
import * as split from "./average-pool.split.ts";
import { type PoolGrid, sizesOf, slidingOnnx, tablesOf } from "./pool-grid.ts";
import type { Windows } from "./windows.ts";

const kernel = kernels(reference, split);

/**
 * The mean of every window, channel by channel.
 *
 *   y[n, c, i, j] = Σ over the window (i, j) of x[n, c, h, w] / its count
 *
 * Shapes    x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient  every element of g, divided by its count, to all pixels of its window
 * ONNX      AveragePool; other counts, windows of several sizes and float64: a product with a matrix of shares on
 *           either side, for a mean over a rectangle is one over its rows after one over its columns
 */
export class AveragePool extends Function {
  readonly grid: PoolGrid;
  constructor(grid: PoolGrid) {
    super();
    this.grid = grid;
  }
  forward(given: Tensor): Tensor {
    const { x, channelsLast, count, channels } = imagesOf(given);
    const [N, C, H, W] = x.shape;
    const sizes = sizesOf(this.grid);
    const y = emptyImages(x, [N, C, ...sizes], channelsLast);
    kernel.averagePool(x, y, ...tablesOf(x, this.grid), count, channels, H, W, ...sizes);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new AveragePoolGrad(this.grid).apply(g)];
  }
  override onnx(): OnnxNode {
    const { grid } = this;
    const [left, right] = grid.windows.map((windows, d) => shares(windows, grid.image[d]));
    const product = node("MatMul", {}, [left, node("MatMul", {}, [0, transposed(right)])]);
    const counts = grid.slides && onnxCounts(grid);
    return counts ? { ...slidingOnnx("AveragePool", grid, counts), float64: () => product } : product;
  }
}

/** The adjoint of AveragePool. */
export class AveragePoolGrad extends Function {
  readonly grid: PoolGrid;
  constructor(grid: PoolGrid) {
    super();
    this.grid = grid;
  }
  forward(given: Tensor): Tensor {
    const { x: g, channelsLast, count, channels } = imagesOf(given);
    const [N, C, h, w] = g.shape;
    const { image } = this.grid;
    const dx = emptyImages(g, [N, C, ...image], channelsLast);
    kernel.averagePoolGrad(g, dx, ...tablesOf(g, this.grid), count, channels, ...image, h, w);
    return dx;
  }
  backward(v: Tensor): Gradient[] {
    return [() => new AveragePool(this.grid).apply(v)];
  }
  override onnx(): OnnxNode {
    const [left, right] = this.grid.windows.map((windows, d) => shares(windows, this.grid.image[d]));
    return node("MatMul", {}, [transposed(left), node("MatMul", {}, [0, right])]);
  }
}

/** [outputs, size]: what every output takes of every input along one dim. */
function shares({ outputs, table }: Windows, size: number): OnnxConstant {
  const data = new Array<number>(outputs * size).fill(0);
  for (let i = 0; i < outputs; i++) {
    const [start, end, count] = table.slice(3 * i);
    for (let k = start; k < end; k++) data[i * size + k] = 1 / count;
  }
  return { dtype: "float", shape: [outputs, size], data };
}

function transposed({ dtype, shape: [rows, cols], data }: OnnxConstant): OnnxConstant {
  const turned = Array.from(
    { length: rows * cols },
    (_, i) => data[(i % rows) * cols + Math.floor(i / rows)],
  );
  return { dtype, shape: [cols, rows], data: turned };
}

/** What AveragePool counts: all of a window, or the pixels in it; null where it can express neither. */
function onnxCounts({ slides, windows }: PoolGrid): OnnxNode["attributes"] | null {
  const every = (fits: (start: number, end: number, count: number, kernel: number) => boolean) =>
    windows.every(({ table, outputs }, d) =>
      Array.from({ length: outputs }, (_, i) => table.slice(3 * i, 3 * i + 3)).every(([start, end, count]) =>
        fits(start, end, count, slides?.[d].kernel ?? 0),
      ),
    );
  if (every((start, end, count) => count === end - start)) return { count_include_pad: 0 };
  return every((_start, _end, count, kernel) => count === kernel) ? { count_include_pad: 1 } : null;
}
