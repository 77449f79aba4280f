import { extentOf } from "../../00-runtime/index.ts";
import {
  int64s,
  node,
  type OnnxConstant,
  type OnnxNode,
  type OnnxOperand,
  type Tensor,
} from "../../01-tensor/index.ts";
import { type Slide, spanOf, type Windows } from "./windows.ts";

/** Where a pooling looks: its windows over images of one size. */
export interface PoolGrid {
  readonly image: readonly [height: number, width: number];
  readonly windows: readonly [rows: Windows, cols: Windows];
  /** The window that slides over the image; null where windows have several sizes. */
  readonly slides: readonly [Slide, Slide] | null;
}

export const sizesOf = ({ windows }: PoolGrid): [height: number, width: number] => [
  windows[0].outputs,
  windows[1].outputs,
];

/** The tables as kernels read them. */
export const tablesOf = (x: Tensor, { windows }: PoolGrid): [rows: Tensor, cols: Tensor] => [
  x.newFrom(windows[0].table, [windows[0].outputs, 3], "int32"),
  x.newFrom(windows[1].table, [windows[1].outputs, 3], "int32"),
];

// ——————————————————————————————————————————————————————————————————————————————————— in ONNX's words

/** MaxPool or AveragePool. Whether a last window reaches over the end is said by the padding there. */
export function slidingOnnx(op: string, grid: PoolGrid, attributes: OnnxNode["attributes"] = {}): OnnxNode {
  const slides = grid.slides as readonly [Slide, Slide];
  const ends = slides.map((slide, d) => {
    const { stride, padding } = slide;
    return Math.max(0, (sizesOf(grid)[d] - 1) * stride - padding + spanOf(slide) - grid.image[d]);
  });
  // Engines refuse padding as wide as the window, which a dilated last window may reach: ceil_mode says the same then.
  const rounded = ends.some((end, d) => end >= slides[d].kernel);
  const padding = slides.map((slide) => slide.padding);
  return node(
    op,
    {
      kernel_shape: slides.map(({ kernel }) => kernel),
      strides: slides.map(({ stride }) => stride),
      pads: [...padding, ...(rounded ? padding : ends)],
      ...(rounded ? { ceil_mode: 1 } : {}),
      ...attributes,
    },
    [0],
  );
}

/** The inputs of every window behind one another: [N, C, H′, W′, L]. Smaller windows repeat their last row and column. */
export function windowsOnnx({ image, windows: [rows, cols] }: PoolGrid, x: OnnxOperand = 0): OnnxNode {
  const [tall, wide] = [longest(rows), longest(cols)];
  const data: number[] = [];
  for (let i = 0; i < rows.outputs; i++)
    for (let j = 0; j < cols.outputs; j++)
      for (let k = 0; k < tall; k++)
        for (let l = 0; l < wide; l++) data.push(inputOf(rows, i, k) * image[1] + inputOf(cols, j, l));
  const shape = [rows.outputs, cols.outputs, tall * wide];
  const flat = node("Reshape", {}, [x, int64s(0, 0, -1)]); // [N, C, H·W]
  return node("Gather", { axis: 2 }, [flat, { dtype: "int64", shape, data }]);
}

/** Where in its plane the largest number of every window lies: [N·C, H′·W′]. `x` is the operand with the images. */
export function indicesOnnx(grid: PoolGrid, x: number): OnnxNode {
  const [rows, cols] = grid.windows;
  const shape = int64s(-1, rows.outputs * cols.outputs);
  if (grid.slides) {
    const pooled = { ...slidingOnnx("MaxPool", grid, dilationsOf(grid)), inputs: [x], output: 1 };
    return node("Reshape", {}, [node("Mod", {}, [pooled, int64s(grid.image[0] * grid.image[1])]), shape]);
  }
  const wide = int64s(longest(cols));
  const first = node("ArgMax", { axis: -1, keepdims: 0 }, [windowsOnnx(grid, x)]); // [N, C, H′, W′]
  const below = node("Mul", {}, [node("Div", {}, [first, wide]), int64s(grid.image[1])]);
  const corners = Array.from({ length: rows.outputs * cols.outputs }, (_, o) => {
    const [i, j] = [Math.floor(o / cols.outputs), o % cols.outputs];
    return inputOf(rows, i, 0) * grid.image[1] + inputOf(cols, j, 0);
  });
  const corner: OnnxConstant = { dtype: "int64", shape: [rows.outputs, cols.outputs], data: corners };
  const inWindow = node("Add", {}, [below, node("Mod", {}, [first, wide])]);
  return node("Reshape", {}, [node("Add", {}, [inWindow, corner]), shape]);
}

export const dilationsOf = ({ windows }: PoolGrid): OnnxNode["attributes"] => ({
  dilations: windows.map(({ step }) => step),
});

const longest = ({ table, outputs }: Windows): number =>
  extentOf(Array.from({ length: outputs }, (_, i) => table[3 * i + 1] - table[3 * i]))[1];

/** Input k of window i; the last one where there are not so many. */
const inputOf = ({ table }: Windows, i: number, k: number): number =>
  Math.min(table[3 * i] + k, table[3 * i + 1] - 1);
