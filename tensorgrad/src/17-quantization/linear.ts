import { ShapeError, show } from "../00-runtime/index.ts";
import { expectTensor, isRecordingAll, type Shape, type Tensor } from "../01-tensor/index.ts";
import { type Linear, Module } from "../03-layers/index.ts";
import { linear, MatMulInteger } from "./graph.ts";
import { type InputOptions, type InputScale, inputScale, quantizedInWords, topOf } from "./inputs.ts";
import { quantizedWeights } from "./weights.ts";

/**
 * A dense layer whose weights are integers of 8 bits, for inference: products and sums are of integers, and exact.
 *
 *   q = clamp(round(x/s) + z);  y = s·scale·(q·weightᵀ − z·Σ weight) + bias
 *
 * Shapes    x [..., in] float32 → y [..., out]; weight [out, in] int8, scale [out]
 * Gradient  none: nothing flows back through rounding; see `quantizationAware` for training
 * Memory    in + 12 bytes for an output, where float32 takes 4·in + 4; read once for each of few rows
 * Throws    ShapeError if the last dim of x is not `in`; TypeError for other dtypes; RangeError for weights that are not finite
 * ONNX      QuantizeLinear, MatMulInteger, Cast, Mul, Add; the integers are equal bit for bit
 */
export class QuantizedLinear extends Module {
  /** int8 [out, in] */
  readonly weight: Tensor;
  /** One for each output. */
  readonly scale: Tensor;
  readonly sums: Tensor;
  readonly bias: Tensor | null;
  readonly input: InputScale;

  constructor(layer: Pick<Linear, "weight" | "bias">, options: InputOptions = {}) {
    super();
    const weight = expectTensor("QuantizedLinear", layer?.weight, "weight");
    const { bias } = layer;
    const call = `QuantizedLinear(${weight.shape[1]} → ${weight.shape[0]})`;
    const { weight: q, scale, sums } = quantizedWeights(call, weight);
    [this.weight, this.scale, this.sums, this.bias] = [q, scale, sums, bias?.detach().clone() ?? null];
    this.input = inputScale(call, options);
  }

  override forward(x: Tensor): Tensor {
    const [out, inputs] = this.weight.shape;
    this.#check(x);
    const count = x.size / inputs;
    if (!isRecordingAll()) return this.#atOnce(x, count, [...x.shape.slice(0, -1), out]);
    if (x.rank === 2) return this.#inWords(x);
    return this.#inWords(x.reshape(count, inputs)).reshape([...x.shape.slice(0, -1), out]);
  }

  #atOnce(x: Tensor, count: number, shape: Shape): Tensor {
    const { weight, scale, sums, bias, input } = this;
    const [out, inputs] = weight.shape;
    const y = x.newEmpty(shape);
    const given = [input.scale?.elements[0] ?? 0, input.zero?.elements[0] ?? 0] as const;
    const sizes = [count, out, inputs, out, topOf(input.bits)] as const;
    linear.linearInt8(
      x.contiguous(),
      weight,
      y,
      scale,
      sums,
      bias ?? scale,
      ...sizes,
      ...given,
      bias ? 1 : 0,
    );
    return y;
  }

  /** The same steps as operations that an exporter can write down; equal bits, but for rows with NaN and given ranges. */
  #inWords(x: Tensor): Tensor {
    const { q, scale, zero } = quantizedInWords(x, this.input);
    const sum = new MatMulInteger().apply(q, this.weight);
    const shift = zero.to("int32").unsqueeze(1).mul(this.sums);
    const y = sum.sub(shift).to(x.dtype).mul(scale.unsqueeze(1).mul(this.scale));
    return this.bias ? y.add(this.bias) : y;
  }

  #check(x: Tensor): void {
    const [out, inputs] = this.weight.shape;
    const call = `QuantizedLinear(${inputs} → ${out})`;
    if (x.shape.at(-1) !== inputs)
      throw new ShapeError(`${call}: expected input [..., ${inputs}], got ${show(x.shape)}`);
    requireFloats(call, x, this.scale);
  }

  protected override describe(): string {
    const [out, inputs] = this.weight.shape;
    return `${inputs} → ${out}${this.bias ? "" : ", bias: false"}, ${this.input.bits} bits, ${this.input.scale ? "calibrated" : "dynamic"}`;
  }
}

/** Scales stay in float32, unless the input is float64: that one the plain loops compute. */
export function requireFloats(call: string, x: Tensor, scale: Tensor): void {
  if (x.dtype === "float64" || (x.dtype === "float32" && scale.dtype === "float32")) return;
  throw new TypeError(
    `${call}: input ${x.dtype}, scales ${scale.dtype} — both must be float32; use x.to("float32") or model.to("float32")`,
  );
}
