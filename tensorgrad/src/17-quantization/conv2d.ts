import { kernels, ShapeError, show } from "../00-runtime/index.ts";
import { expectTensor, isRecordingAll, type Tensor } from "../01-tensor/index.ts";
import { Module } from "../03-layers/index.ts";
import { type Conv2d, conv2d, outputSizes, pair, sidesOf } from "../09-spatial/index.ts";
import { DequantizeLinear, product, rows } from "./graph.ts";
import { type InputOptions, type InputScale, inputScale, quantizedInWords, quantizedRows } from "./inputs.ts";
import { requireFloats } from "./linear.ts";
import * as reference from "./patches.reference.ts";
import * as split from "./patches.split.ts";
import { quantizedWeights } from "./weights.ts";

const { bytePatches } = kernels(reference, split, { integer: ["bytePatches"] });

/**
 * Filters whose weights are integers of 8 bits, for inference: the fields of an image become rows, and those a product of
 * integers.
 *
 * Shapes    x [N, in, H, W] float32 → y [N, out, H′, W′], which lies channels last; weight [out, K, L, in] int8, scale [out]
 * Gradient  none: nothing flows back through rounding; see `quantizationAware` for training
 * Memory    a quarter of float32 for the weights; K·L·in bytes for every output pixel of one image
 * Throws    TypeError for groups, and for other padding than zeros; ShapeError for images of another kind
 * ONNX      QuantizeLinear, DequantizeLinear, Conv: engines multiply integers where they find this pattern
 */
export class QuantizedConv2d extends Module {
  /** int8 [out, K, L, in]: channels last, as the fields lie. */
  readonly weight: Tensor;
  /** One for each output. */
  readonly scale: Tensor;
  readonly sums: Tensor;
  readonly bias: Tensor | null;
  readonly options: Conv2d["options"];
  readonly input: InputScale;

  constructor(layer: QuantizableConv, options: InputOptions = {}) {
    super();
    const weight = expectTensor("QuantizedConv2d", layer?.weight, "weight");
    const { bias, options: conv, paddingMode } = layer;
    const [O, C, K, L] = weight.shape;
    const call = `QuantizedConv2d(${C * conv.groups} → ${O}, ${K}×${L})`;
    if (conv.groups !== 1 || paddingMode !== "zeros")
      throw new TypeError(
        `${call}: groups ${conv.groups}, paddingMode "${paddingMode}" — only one group and zeros are computed in integers; ` +
          "leave this layer in float32",
      );
    const { weight: q, scale, sums } = quantizedWeights(call, weight.detach().permute(0, 2, 3, 1));
    [this.weight, this.scale, this.sums] = [q.reshape(O, K, L, C), scale, sums];
    [this.bias, this.options, this.input] = [bias?.detach().clone() ?? null, conv, inputScale(call, options)];
  }

  override forward(x: Tensor): Tensor {
    const [O, K, L, C] = this.weight.shape;
    const call = `QuantizedConv2d(${C} → ${O}, ${K}×${L})`;
    if (x.rank !== 4 || x.shape[1] !== C)
      throw new ShapeError(`${call}: expected images [N, ${C}, H, W], got ${show(x.shape)}`);
    requireFloats(call, x, this.scale);
    if (isRecordingAll()) return this.#inWords(x);
    return this.#atOnce(x, this.#window(call, [x.shape[2], x.shape[3]]));
  }

  #window(call: string, image: readonly [number, number]): Window {
    const [, K, L] = this.weight.shape;
    const { before, after } = sidesOf(call, [K, L], this.options);
    const [stride, dilation] = [pair(this.options.stride), pair(this.options.dilation)];
    const [outH, outW] = outputSizes(call, image, [K, L], { stride, dilation }, before, after);
    return { outH, outW, numbers: [...stride, ...dilation, ...before] };
  }

  /** Image by image: what one image takes stays in the caches. */
  #atOnce(x: Tensor, { outH, outW, numbers }: Window): Tensor {
    const [[N, C, H, W], [O, K, L]] = [x.shape, this.weight.shape];
    const [pixels, width] = [outH * outW, K * L * C];
    const { q, scale, zero } = quantizedRows(x.permute(0, 2, 3, 1).reshape(N, H * W * C), this.input);
    const [patches, sum] = [x.newEmpty([pixels, width], "uint8"), x.newEmpty([pixels, O], "int32")];
    const y = x.newEmpty([N, outH, outW, O]);
    const [steps, zeros] = [x.newEmpty([pixels]), x.newEmpty([pixels], "uint8")];
    for (let n = 0; n < N; n++) {
      const z = zero.elements[n];
      bytePatches(q.select(0, n), patches, H, W, C, K, L, outW, ...numbers, z, 0, pixels);
      product.productInt8(patches, this.weight, sum, pixels, O, width, O);
      steps.elements.fill(scale.elements[n]);
      zeros.elements.fill(z);
      const { bias } = this;
      rows.rescaleRows(
        y.select(0, n),
        sum,
        steps,
        zeros,
        this.scale,
        this.sums,
        bias ?? this.scale,
        pixels,
        O,
        bias ? 1 : 0,
      );
    }
    return y.permute(0, 3, 1, 2);
  }

  /** As a convolution of the numbers that the integers stand for; equal up to the rounding of float32. */
  #inWords(x: Tensor): Tensor {
    const [[N, C, H, W], O] = [x.shape, this.weight.shape[0]];
    const { q, scale, zero } = quantizedInWords(x.reshape(N, C * H * W), this.input);
    const image = new DequantizeLinear().apply(q, scale, zero).to(x.dtype).reshape(N, C, H, W);
    const none = this.weight.newEmpty([O]);
    none.elements.fill(0);
    const weight = new DequantizeLinear()
      .apply(this.weight, this.scale, none)
      .permute(0, 3, 1, 2)
      .to(x.dtype);
    return conv2d(image, weight, this.bias?.to(x.dtype) ?? null, this.options);
  }

  protected override describe(): string {
    const [O, K, L, C] = this.weight.shape;
    return `${C} → ${O}, ${K}×${L}, ${this.input.bits} bits, ${this.input.scale ? "calibrated" : "dynamic"}`;
  }
}

/** How many fields there are, and how they lie: stride, dilation, and the zeros above and left of the image. */
interface Window {
  readonly outH: number;
  readonly outW: number;
  readonly numbers: readonly [number, number, number, number, number, number];
}

type QuantizableConv = Pick<Conv2d, "weight" | "bias" | "options" | "paddingMode">;
