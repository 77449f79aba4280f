import { checked, kernels, ShapeError, show } from "../../00-runtime/index.ts";
import {
  Function,
  type Gradient,
  int64s,
  node,
  type OnnxConstant,
  type OnnxNode,
  type Tensor,
} from "../../01-tensor/index.ts";
import { Module } from "../../03-layers/index.ts";
import { type Pair, pair } from "../geometry.ts";
import { emptyImages, imagesOf } from "../layout.ts";
import { checkPair, say } from "../pooling/windows.ts";
import * as reference from "./interpolate.reference.ts";
import * as split from "./interpolate.split.ts";

const kernel = kernels(reference, split);

/** Along one dim: between which two of `size` inputs every output lies, and how much the second one counts. */
interface Places {
  readonly size: number;
  readonly inputs: readonly number[];
  readonly shares: readonly number[];
}

type Grid = readonly [rows: Places, cols: Places];

const outputsOf = (grid: Grid): [number, number] => [grid[0].shares.length, grid[1].shares.length];

/** The tables as kernels read them. */
const tablesOf = (x: Tensor, grid: Grid) => ({
  inputs: grid.map(({ inputs }) => x.newFrom(inputs, [inputs.length], "int32")) as [Tensor, Tensor],
  shares: grid.map(({ shares }) => x.newFrom(shares, [shares.length])) as [Tensor, Tensor],
});

/**
 * Images of another size: every output is a weighted mean of the pixels around its place.
 *
 * Shapes    x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient  every element of g, shared out among those pixels with the same weights
 * ONNX      Resize; uneven scales and float64: a product with a matrix of weights on either side
 */
export class Resample extends Function {
  readonly grid: Grid;
  /** The same in ONNX's Resize, where it agrees. */
  readonly resize: OnnxNode["attributes"] | null;
  constructor(grid: Grid, resize: OnnxNode["attributes"] | null) {
    super();
    [this.grid, this.resize] = [grid, resize];
  }
  forward(given: Tensor): Tensor {
    const { x, channelsLast, count, channels } = imagesOf(given);
    const [N, C, H, W] = x.shape;
    const outputs = outputsOf(this.grid);
    const y = emptyImages(x, [N, C, ...outputs], channelsLast);
    const { inputs, shares } = tablesOf(x, this.grid);
    kernel.interpolate(x, y, ...inputs, count, channels, H, W, ...outputs, ...shares);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new ResampleGrad(this.grid, this.resize).apply(g)];
  }
  override onnx(): OnnxNode {
    const right = node("MatMul", {}, [0, weights(this.grid[1], true)]);
    const product = node("MatMul", {}, [weights(this.grid[0], false), right]);
    if (!this.resize) return product;
    const sizes = int64s(...outputsOf(this.grid));
    const resize = node("Resize", { ...this.resize, axes: [2, 3] }, [0, null, null, sizes]);
    return { ...resize, float64: () => product };
  }
}

/** The adjoint of Resample. */
export class ResampleGrad extends Function {
  readonly grid: Grid;
  readonly resize: OnnxNode["attributes"] | null;
  constructor(grid: Grid, resize: OnnxNode["attributes"] | null) {
    super();
    [this.grid, this.resize] = [grid, resize];
  }
  forward(given: Tensor): Tensor {
    const { x: g, channelsLast, count, channels } = imagesOf(given);
    const [N, C, h, w] = g.shape;
    const image = this.grid.map(({ size }) => size) as [number, number];
    const dx = emptyImages(g, [N, C, ...image], channelsLast);
    const { inputs, shares } = tablesOf(g, this.grid);
    kernel.interpolateGrad(g, dx, ...inputs, count, channels, ...image, h, w, ...shares);
    return dx;
  }
  backward(v: Tensor): Gradient[] {
    return [() => new Resample(this.grid, this.resize).apply(v)];
  }
  override onnx(): OnnxNode {
    const right = node("MatMul", {}, [0, weights(this.grid[1], false)]);
    return node("MatMul", {}, [weights(this.grid[0], true), right]);
  }
}

/** [outputs, inputs], or turned: what every output takes of every input. */
function weights({ size, inputs, shares }: Places, turned: boolean): OnnxConstant {
  const outputs = shares.length;
  const data = new Array<number>(outputs * size).fill(0);
  shares.forEach((share, i) => {
    [1 - share, share].forEach((weight, end) => {
      const k = inputs[2 * i + end];
      data[turned ? k * outputs + i : i * size + k] += weight;
    });
  });
  return { dtype: "float", shape: turned ? [size, outputs] : [outputs, size], data };
}

/** Options of `interpolate` and `Upsample`. */
export interface InterpolateOptions {
  /** The size of the result. */
  readonly size?: Pair;
  /** Or how many times as large it is. */
  readonly scaleFactor?: Pair;
  /** "nearest" repeats pixels; "bilinear" takes weighted means of four. */
  readonly mode?: "nearest" | "bilinear";
  /** Bilinear: whether the centres of the corner pixels stay in the corners, rather than the image's edges at its edges. */
  readonly alignCorners?: boolean;
}

/**
 * Images of another size.
 *
 *   nearest    y[i, j] = x[⌊i·H/H′⌋, ⌊j·W/W′⌋]
 *   bilinear   y[i, j] = x at ((i + ½)·H/H′ − ½, (j + ½)·W/W′ − ½); alignCorners: at (i·(H − 1)/(H′ − 1), …)
 *
 * With scaleFactor s, H′ = ⌊H·s⌋, and 1/s takes the place of H/H′, as in PyTorch.
 *
 * Shapes    x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient  every element of g shared out among the pixels that it was made of
 * Throws    ShapeError for another rank or an empty result; RangeError for sizes and scales that are none
 * ONNX      Resize
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checked("interpolate", options, ["size", "scaleFactor", "mode", "alignCorners"]);
  checkOptions("interpolate", options);
  if (x.rank !== 4) throw new ShapeError(`interpolate: expected images [N, C, H, W], got ${show(x.shape)}`);
  const { mode = "nearest", alignCorners = false } = options;
  const image = [x.shape[2], x.shape[3]];
  const scales = options.scaleFactor === undefined ? null : pair(options.scaleFactor);
  const sizes =
    options.size === undefined ? image.map((n, d) => Math.floor(n * (scales?.[d] ?? 1))) : pair(options.size);
  if (image.includes(0) || sizes.includes(0))
    throw new ShapeError(
      `interpolate: image ${image.join("×")} to ${sizes.join("×")} — both need at least one pixel`,
    );
  const even = sizes.every((n, d) => !scales || n === image[d] * scales[d]);
  const place = mode === "nearest" ? nearest : alignCorners ? aligned : centred;
  const along = (d: 0 | 1) => place(image[d], sizes[d], scales ? 1 / scales[d] : image[d] / sizes[d]);
  return new Resample([along(0), along(1)], even ? resizeFor(mode, alignCorners) : null).apply(x.asFloat());
}

function resizeFor(mode: "nearest" | "bilinear", alignCorners: boolean): OnnxNode["attributes"] {
  if (mode === "nearest")
    return { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  return { mode: "linear", coordinate_transformation_mode: alignCorners ? "align_corners" : "half_pixel" };
}

/** `step` inputs lie between an output and the next. Equal sizes are a copy whatever the step, as in PyTorch. */
type Place = (size: number, outputs: number, step: number) => Places;

const nearest: Place = (size, outputs, step) => {
  const whole = outputs === size || outputs === 2 * size ? size / outputs : step;
  const inputs = Array.from({ length: outputs }, (_, i) => Math.min(Math.floor(i * whole), size - 1));
  return { size, inputs: inputs.flatMap((k) => [k, k]), shares: inputs.map(() => 0) };
};

const between = (size: number, at: readonly number[]): Places => {
  const first = at.map((place) => Math.min(Math.floor(place), size - 1));
  return {
    size,
    inputs: first.flatMap((k) => [k, Math.min(k + 1, size - 1)]),
    shares: at.map((place, i) => Math.min(place - first[i], 1)),
  };
};

const centred: Place = (size, outputs, step) =>
  between(
    size,
    Array.from({ length: outputs }, (_, i) => (outputs === size ? i : Math.max(0, (i + 0.5) * step - 0.5))),
  );

const aligned: Place = (size, outputs) => {
  const step = outputs > 1 ? (size - 1) / (outputs - 1) : 0;
  return between(
    size,
    Array.from({ length: outputs }, (_, i) => i * step),
  );
};

function checkOptions(
  call: string,
  { size, scaleFactor, mode = "nearest", alignCorners }: InterpolateOptions,
): void {
  if ((size === undefined) === (scaleFactor === undefined)) {
    const given = size === undefined ? "neither size nor scaleFactor" : "both size and scaleFactor";
    throw new TypeError(`${call}: ${given} — exactly one of them says how large the result is`);
  }
  if (size !== undefined) checkPair(call, "size", size, 1);
  const scales = scaleFactor === undefined ? [] : pair(scaleFactor);
  if (scales.some((s) => !(s > 0 && s < Infinity)))
    throw new RangeError(
      `${call}: scaleFactor ${say(scaleFactor)} — must be a number above 0, or two of them [height, width]`,
    );
  if (mode !== "nearest" && mode !== "bilinear")
    throw new RangeError(`${call}: mode ${JSON.stringify(mode)} — must be "nearest" or "bilinear"`);
  if (alignCorners && mode === "nearest")
    throw new TypeError(`${call}: alignCorners with mode "nearest" — only "bilinear" has corners to align`);
}

/** `interpolate` as a layer. */
export class Upsample extends Module {
  readonly options: InterpolateOptions;
  constructor(options: InterpolateOptions) {
    checked("Upsample", options, ["size", "scaleFactor", "mode", "alignCorners"]);
    super();
    checkOptions("Upsample", options);
    this.options = options;
  }
  override forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
  protected override describe(): string {
    return Object.entries(this.options)
      .map(([name, value]) => `${name}: ${say(value)}`)
      .join(", ");
  }
}
