import { checked } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { Module } from "../../03-layers/index.ts";
import type { Pair } from "../geometry.ts";
import {
  type AveragePoolOptions,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  checkDivisor,
  checkLine,
  type LineOptions,
  maxPool1d,
  maxPool2d,
} from "./pool.ts";
import { checkOutputSize, type OutputSize, type Slide, type SlideOptions, say, slidesOf } from "./windows.ts";

/** `3, stride: 2`: what layers with a window print. */
const describeWindow = (kernelSize: Pair, options: object): string =>
  [say(kernelSize), ...Object.entries(options).map(([name, value]) => `${name}: ${say(value)}`)].join(", ");

/** `maxPool2d` as a layer: x [N, C, H, W] → [N, C, H′, W′]. */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: SlideOptions;
  readonly #slides: readonly Slide[];
  constructor(kernelSize: Pair, options: SlideOptions = {}) {
    checked("MaxPool2d", options, ["stride", "padding", "dilation", "ceilMode"]);
    super();
    this.#slides = slidesOf("MaxPool2d", kernelSize, options);
    [this.kernelSize, this.options] = [kernelSize, options];
  }
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }
  /** Without dilation every window has a pixel of the image; one that has none is −∞, which no other layer makes of it. */
  get hasNoEmptyWindow(): boolean {
    return this.#slides.every(({ dilation }) => dilation === 1);
  }
  /** Whether windows of 2×2 lie side by side: every side becomes half as long. */
  get halves(): boolean {
    return this.#slides.every(
      ({ kernel, stride, padding, dilation }) =>
        kernel === 2 && stride === 2 && padding === 0 && dilation === 1,
    );
  }
  protected override describe(): string {
    return describeWindow(this.kernelSize, this.options);
  }
}

/** `maxPool1d` as a layer: x [N, C, L] → [N, C, L′]. */
export class MaxPool1d extends Module {
  readonly kernelSize: number;
  readonly options: LineOptions;
  constructor(kernelSize: number, options: LineOptions = {}) {
    checked("MaxPool1d", options, ["stride", "padding", "dilation", "ceilMode"]);
    super();
    checkLine("MaxPool1d", kernelSize, options);
    [this.kernelSize, this.options] = [kernelSize, options];
  }
  override forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }
  protected override describe(): string {
    return describeWindow(this.kernelSize, this.options);
  }
}

/** `avgPool2d` as a layer: x [N, C, H, W] → [N, C, H′, W′]. */
export class AvgPool2d extends Module {
  readonly kernelSize: Pair;
  readonly options: AveragePoolOptions;
  constructor(kernelSize: Pair, options: AveragePoolOptions = {}) {
    checked("AvgPool2d", options, ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"]);
    super();
    slidesOf("AvgPool2d", kernelSize, options);
    checkDivisor("AvgPool2d", options.divisorOverride);
    [this.kernelSize, this.options] = [kernelSize, options];
  }
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
  protected override describe(): string {
    return describeWindow(this.kernelSize, this.options);
  }
}

/** `adaptiveAvgPool2d` as a layer; with outputSize 1 every channel becomes one number. */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: OutputSize;
  constructor(outputSize: OutputSize) {
    super();
    checkOutputSize("AdaptiveAvgPool2d", outputSize);
    this.outputSize = outputSize;
  }
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
  protected override describe(): string {
    return say(this.outputSize);
  }
}

/** `adaptiveMaxPool2d` as a layer. */
export class AdaptiveMaxPool2d extends Module {
  readonly outputSize: OutputSize;
  constructor(outputSize: OutputSize) {
    super();
    checkOutputSize("AdaptiveMaxPool2d", outputSize);
    this.outputSize = outputSize;
  }
  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
  protected override describe(): string {
    return say(this.outputSize);
  }
}
