import { checked, isList, written } from "../../00-runtime/index.ts";
import { isRecording, type PadMode, rectify, type Tensor, zeros } from "../../01-tensor/index.ts";
import { ReLU, relu } from "../../02-activations/index.ts";
import { type Fusion, init, isPlain, type Layer, Module, Parameter } from "../../03-layers/index.ts";
import { type ConvOptions, checkOptions, type Pair, pair, sidesOf } from "../geometry.ts";
import { MaxPool2d } from "../pooling/pool-layers.ts";
import { type ConvTransposeOptions, spread } from "./conv-transpose2d.ts";
import { convolveLines } from "./conv1d.ts";
import { convolve, convolvePooled } from "./conv2d.ts";

/** What stands around the image: zeros, the image in a mirror at its edge, the edge itself, or the other end. */
export type PaddingMode = "zeros" | Exclude<PadMode, "constant">;

interface Common extends init.Draw {
  readonly bias?: boolean;
}

export interface Conv2dOptions extends ConvOptions, Common {
  readonly paddingMode?: PaddingMode;
}

export interface Conv1dLayerOptions extends Common {
  readonly stride?: number;
  readonly padding?: number | "same";
  readonly dilation?: number;
  readonly groups?: number;
  readonly paddingMode?: PaddingMode;
}

export interface ConvTranspose2dOptions extends ConvTransposeOptions, Common {}

/**
 * A bank of filters that moves over the image: every output sees a small field of it, and all share one set of weights.
 *
 *   y[n, o, i, j] = bias[o] + Σ_{c,k,l} x[n, c, i·s + k·d − p, j·s + l·d − p] · weight[o, c, k, l]
 *
 * Shapes    x [N, in, H, W] → y [N, out, H′, W′], H′ = ⌊(H + 2p − d·(K − 1) − 1)/s⌋ + 1; weight [out, in/groups, K, L], bias [out]
 * Start     weight and bias uniform in ±1/√(in/groups·K·L), as in PyTorch
 * Memory    (in/groups·K·L + 1)·out parameters, however large the image
 * Throws    RangeError for sizes and options that are no whole numbers, or channels that groups do not divide; ShapeError
 *           for images of another kind
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly options: Required<ConvOptions>;
  readonly paddingMode: PaddingMode;

  constructor(inputs: number, outputs: number, kernelSize: Pair, options: Conv2dOptions = {}) {
    checked("Conv2d", options, ["stride", "padding", "dilation", "groups", "random", "bias", "paddingMode"]);
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, paddingMode = "zeros" } = options;
    const call = `Conv2d(${inputs} → ${outputs})`;
    checkSizes(call, inputs, outputs, kernelSize, groups);
    checkOptions(call, { stride, padding, dilation, groups });
    checkMode(call, paddingMode);
    sidesOf(call, pair(kernelSize), { stride, padding, dilation });
    [this.options, this.paddingMode] = [{ stride, padding, dilation, groups }, paddingMode];
    const drawn = parameters([outputs, inputs / groups, ...pair(kernelSize)], outputs, options);
    [this.weight, this.bias] = drawn;
  }

  override forward(x: Tensor): Tensor {
    const [call, { options }] = [this.#call(), this];
    if (this.paddingMode === "zeros" || x.rank !== 4)
      return convolve(call, x, this.weight, this.bias, options);
    const kernel = [this.weight.shape[2], this.weight.shape[3]] as const;
    const { before, after } = sidesOf(call, kernel, options);
    const sides = [before[1], after[1], before[0], after[0]];
    const padded = x.pad(sides, { mode: this.paddingMode });
    return convolve(call, padded, this.weight, this.bias, { ...options, padding: 0 });
  }

  /**
   * In a Sequential: takes over a MaxPool2d behind it. A ReLU between the two changes places with it, for the largest of the
   * positive parts is the positive part of the largest. Then relu reads a quarter of the numbers, and gradients are the same.
   */
  fuse([first, second]: readonly Layer[]): Fusion | null {
    if (!isPlain(this, Conv2d)) return null;
    if (isPlain(first, MaxPool2d) && isPlain(second, ReLU))
      return { layers: 3, forward: (x) => rectified(this.#pooled(x, first)) };
    if (isPlain(first, MaxPool2d)) return { layers: 2, forward: (x) => this.#pooled(x, first) };
    if (!isPlain(first, ReLU) || !isPlain(second, MaxPool2d) || !second.hasNoEmptyWindow) return null;
    return { layers: 3, forward: (x) => rectified(this.#pooled(x, second)) };
  }

  #pooled(x: Tensor, pool: MaxPool2d): Tensor {
    const whole = this.paddingMode !== "zeros" || !pool.halves;
    if (whole) return pool.forward(this.forward(x));
    return convolvePooled(this.#call(), x, this.weight, this.bias, this.options);
  }

  #call(): string {
    const [outputs, inputs, K, L] = this.weight.shape;
    return `Conv2d(${inputs * this.options.groups} → ${outputs}, ${K}×${L})`;
  }

  protected override describe(): string {
    const given = { ...this.options, paddingMode: this.paddingMode, bias: this.bias !== null };
    return `${this.#call().slice("Conv2d(".length, -1)}${changed(given)}`;
  }
}

/**
 * Filters that move along a sequence: `Conv2d` of images one pixel high.
 *
 * Shapes    x [N, in, T] → y [N, out, T′], T′ = ⌊(T + 2p − d·(L − 1) − 1)/s⌋ + 1; weight [out, in/groups, L], bias [out]
 * Start     weight and bias uniform in ±1/√(in/groups·L), as in PyTorch
 * Throws    as Conv2d
 */
export class Conv1d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly options: Required<Pick<Conv1dLayerOptions, "stride" | "padding" | "dilation" | "groups">>;
  readonly paddingMode: PaddingMode;

  constructor(inputs: number, outputs: number, kernelSize: number, options: Conv1dLayerOptions = {}) {
    checked("Conv1d", options, ["random", "bias", "stride", "padding", "dilation", "groups", "paddingMode"]);
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, paddingMode = "zeros" } = options;
    const call = `Conv1d(${inputs} → ${outputs})`;
    checkSizes(call, inputs, outputs, kernelSize, groups);
    checkOptions(call, { stride, padding, dilation, groups });
    checkMode(call, paddingMode);
    sidesOf(call, [1, kernelSize], { stride: [1, stride], padding, dilation: [1, dilation] });
    [this.options, this.paddingMode] = [{ stride, padding, dilation, groups }, paddingMode];
    [this.weight, this.bias] = parameters([outputs, inputs / groups, kernelSize], outputs, options);
  }

  override forward(x: Tensor): Tensor {
    const [call, { options, weight, bias }] = [this.#call(), this];
    if (this.paddingMode === "zeros" || x.rank !== 3) return convolveLines(call, x, weight, bias, options);
    const { stride, padding, dilation } = options;
    const { before, after } = sidesOf(call, [1, weight.shape[2]], {
      stride: [1, stride],
      padding,
      dilation: [1, dilation],
    });
    const padded = x.pad([before[1], after[1]], { mode: this.paddingMode });
    return convolveLines(call, padded, weight, bias, { ...options, padding: 0 });
  }

  #call(): string {
    const [outputs, inputs, L] = this.weight.shape;
    return `Conv1d(${inputs * this.options.groups} → ${outputs}, ${L})`;
  }

  protected override describe(): string {
    const given = { ...this.options, paddingMode: this.paddingMode, bias: this.bias !== null };
    return `${this.#call().slice("Conv1d(".length, -1)}${changed(given)}`;
  }
}

/**
 * Makes images larger: every pixel is spread over the field of a filter, the transpose of what `Conv2d` does.
 *
 * Shapes    x [N, in, H, W] → y [N, out, H′, W′], H′ = (H − 1)·s − 2p + d·(K − 1) + 1 + outputPadding; weight
 *           [in, out/groups, K, L], bias [out]
 * Start     weight and bias uniform in ±1/√(out/groups·K·L), as in PyTorch
 * Throws    as Conv2d; RangeError for outputPadding as large as both stride and dilation
 */
export class ConvTranspose2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly options: Required<ConvTransposeOptions>;

  constructor(inputs: number, outputs: number, kernelSize: Pair, options: ConvTranspose2dOptions = {}) {
    checked("ConvTranspose2d", options, [
      "stride",
      "dilation",
      "groups",
      "padding",
      "outputPadding",
      "random",
      "bias",
    ]);
    super();
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
    const call = `ConvTranspose2d(${inputs} → ${outputs})`;
    checkSizes(call, inputs, outputs, kernelSize, groups);
    checkOptions(call, { stride, padding, dilation, groups });
    this.options = { stride, padding, outputPadding, dilation, groups };
    const drawn = parameters([inputs, outputs / groups, ...pair(kernelSize)], outputs, options);
    [this.weight, this.bias] = drawn;
  }

  override forward(x: Tensor): Tensor {
    return spread(this.#call(), x, this.weight, this.bias, this.options);
  }

  #call(): string {
    const [inputs, outputs, K, L] = this.weight.shape;
    return `ConvTranspose2d(${inputs} → ${outputs * this.options.groups}, ${K}×${L})`;
  }

  protected override describe(): string {
    const given = { ...this.options, bias: this.bias !== null };
    return `${this.#call().slice("ConvTranspose2d(".length, -1)}${changed(given)}`;
  }
}

/** relu of a result that nobody else has seen: in its place, where no graph needs it. */
function rectified(y: Tensor): Tensor {
  if (isRecording() || y.dtype !== "float32") return relu(y);
  rectify(y);
  return y;
}

/** A weight and a bias, drawn from ±1/√fanIn. */
function parameters(
  shape: readonly number[],
  outputs: number,
  { bias = true, ...draw }: Common,
): [weight: Parameter, bias: Parameter | null] {
  const bound = 1 / Math.sqrt(init.fans(shape).fanIn);
  const weight = new Parameter(init.uniform(zeros(shape), -bound, bound, draw));
  return [weight, bias ? new Parameter(init.uniform(zeros([outputs]), -bound, bound, draw)) : null];
}

function checkSizes(call: string, inputs: number, outputs: number, kernelSize: Pair, groups: number): void {
  const given = { inputs, outputs, kernelSize, groups };
  for (const [name, value] of Object.entries(given)) {
    const numbers: readonly unknown[] = isList(value) ? [...(value as readonly number[])] : [value];
    if (numbers.every((n) => Number.isInteger(n) && (n as number) >= 1)) continue;
    throw new RangeError(`${call}: ${name} ${written(value)} — must be a whole number, 1 or more`);
  }
  if (inputs % groups !== 0 || outputs % groups !== 0)
    throw new RangeError(
      `${call}: ${inputs} channels in and ${outputs} out, with groups ${groups} — both must divide evenly into the groups`,
    );
}

const modes: readonly PaddingMode[] = ["zeros", "reflect", "replicate", "circular"];

function checkMode(call: string, mode: PaddingMode): void {
  if (modes.includes(mode)) return;
  const known = modes.map((name) => `"${name}"`).join(", ");
  throw new RangeError(`${call}: paddingMode ${JSON.stringify(mode)} — one of ${known}`);
}

const defaults: Readonly<Record<string, unknown>> = {
  ...{ stride: 1, padding: 0, outputPadding: 0, dilation: 1, groups: 1 },
  ...{ paddingMode: "zeros", bias: true },
};

/** The settings that are not the default, as typed. */
const changed = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .filter(([name, value]) => value !== defaults[name])
    .map(([name, value]) => `, ${name}: ${JSON.stringify(value)}`)
    .join("");
