import { checked } from "../00-runtime/index.ts";
import {
  Function,
  float,
  type Gradient,
  int64s,
  node,
  type OnnxNode,
  type Tensor,
  zeros,
} from "../01-tensor/index.ts";
import {
  expectModule,
  isPlain,
  Linear,
  linear,
  Module,
  type Parameter,
  replaceLayers,
} from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { Conv2d, conv2d } from "../09-spatial/index.ts";
import { topOf } from "./inputs.ts";

/** ONNX's number for float64. */
const DOUBLE = 11;

/**
 * Rows as the integers that they will become stand for them: training meets the rounding of inference.
 *
 *   y = (clamp(round(x/scale) + zero, low, high) − zero)·scale
 *
 * Shapes    x [N, ...], scale [N] or [1], zero as scale, uint8 where low is 0, else int8 → y as x
 * Gradient  x: g where x lies within the range, else 0, as if nothing were rounded (the straight-through estimator)
 * ONNX      QuantizeLinear, Clip, DequantizeLinear; in float64 Div, Round, Add, Clip, Sub, Mul
 * Source    Bengio et al. 2013, Estimating or propagating gradients through stochastic neurons
 */
export class FakeQuantize extends Function {
  readonly low: number;
  readonly high: number;
  constructor(low: number, high: number) {
    super();
    [this.low, this.high] = [low, high];
  }
  forward(x: Tensor, scale: Tensor, zero: Tensor): Tensor {
    const { s, z, steps } = stepsOf(x, scale, zero);
    return steps.clamp(this.low, this.high).sub(z).mul(s);
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.mul(this.#inside()), null, null];
  }
  /** Within the range or outside: there the slope changes. */
  override signature(): ArrayLike<number> {
    return this.#inside().elements;
  }
  // exercise: fake-quantize-inside
  #inside(): Tensor {
    const [x, scale, zero] = this.prev;
    const { steps } = stepsOf(x, scale, zero);
    return steps.ge(this.low).logicalAnd(steps.le(this.high));
  }
  override onnx(): OnnxNode {
    const dtype = this.low === 0 ? "uint8" : "int8";
    const [least, most] = [this.low, this.high].map((n) => ({ dtype, shape: [], data: [n] }) as const);
    const q = node("Clip", {}, [node("QuantizeLinear", { axis: 0 }, [0, 1, 2]), least, most]);
    return { ...node("DequantizeLinear", { axis: 0 }, [q, 1, 2]), float64: () => this.#inSteps() };
  }
  /** QuantizeLinear has no float64. */
  #inSteps(): OnnxNode {
    const over = int64s(-1, ...this.prev[0].shape.slice(1).map(() => 1));
    const [s, z] = [
      node("Reshape", {}, [1, over]),
      node("Reshape", {}, [node("Cast", { to: DOUBLE }, [2]), over]),
    ];
    const shifted = node("Add", {}, [node("Round", {}, [node("Div", {}, [0, s])]), z]);
    const q = node("Clip", {}, [shifted, float(this.low), float(this.high)]);
    return node("Mul", {}, [node("Sub", {}, [q, z]), s]);
  }
}

/** round(x/scale) + zero, before it is cut off. */
function stepsOf(x: Tensor, scale: Tensor, zero: Tensor): Readonly<Record<"s" | "z" | "steps", Tensor>> {
  const over = [scale.size, ...x.shape.slice(1).map(() => 1)];
  const [s, z] = [scale.reshape(over), zero.to(x.dtype).reshape(over)];
  return { s, z, steps: x.div(s).round().add(z) };
}

/** Inputs with the scale of each row: as layers of integers measure them. */
function fakeRows(x: Tensor, bits: 7 | 8): Tensor {
  const rows = x.flatten(1);
  const [scale, zero] = noGrad(() => {
    const [low, high] = [rows.amin(1).minimum(0), rows.amax(1).maximum(0)];
    const step = high.sub(low).div(topOf(bits));
    const s = step.eq(0).where(1, step);
    return [s, low.neg().div(s).round().clamp(0, topOf(bits)).to("uint8")];
  });
  return new FakeQuantize(0, topOf(bits)).apply(rows, scale, zero).reshape(x.shape);
}

/** A weight with a scale for each output. */
function fakeWeight(weight: Tensor): Tensor {
  const scale = noGrad(() => {
    const step = weight.flatten(1).abs().amax(1).div(127);
    return step.eq(0).where(1, step);
  });
  return new FakeQuantize(-127, 127).apply(weight, scale, zeros([weight.shape[0]], { dtype: "int8" }));
}

/** A dense layer that trains with the rounding of `QuantizedLinear`, on the parameters of the layer it replaces. */
export class FakeQuantizedLinear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly bits: 7 | 8;

  constructor({ weight, bias }: Pick<Linear, "weight" | "bias">, bits: 7 | 8 = 7) {
    super();
    [this.weight, this.bias, this.bits] = [weight, bias, bits];
  }

  override forward(x: Tensor): Tensor {
    const leading = x.shape.slice(0, -1);
    const flat = x.reshape(
      leading.reduce((product, n) => product * n, 1),
      x.shape[x.rank - 1],
    );
    const y = linear(fakeRows(flat, this.bits), fakeWeight(this.weight), this.bias ?? undefined);
    return y.reshape([...leading, this.weight.shape[0]]);
  }
}

/** A convolution that trains with the rounding of `QuantizedConv2d`, on the parameters of the layer it replaces. */
export class FakeQuantizedConv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly options: Conv2d["options"];
  readonly paddingMode: Conv2d["paddingMode"];
  readonly bits: 7 | 8;

  constructor(
    { weight, bias, options, paddingMode }: Pick<Conv2d, "weight" | "bias" | "options" | "paddingMode">,
    bits: 7 | 8 = 7,
  ) {
    super();
    [this.weight, this.bias, this.bits] = [weight, bias, bits];
    [this.options, this.paddingMode] = [options, paddingMode];
  }

  override forward(x: Tensor): Tensor {
    return conv2d(fakeRows(x, this.bits), fakeWeight(this.weight), this.bias, this.options);
  }
}

/**
 * Makes a model train with the rounding that `quantizeModel` brings: weights move to where rounding does little harm. The
 * parameters stay the same objects under the same names, so an optimizer that holds them goes on.
 *
 *   quantizationAware(model);  …train…;  quantizeModel(model);
 *
 * Returns   the model
 * Throws    TypeError for a model without Linear and Conv2d
 */
export function quantizationAware<M extends Module>(model: M, options: { readonly bits?: 7 | 8 } = {}): M {
  const { bits = 7 } = checked("quantizationAware", options, ["bits"]);
  expectModule("quantizationAware", model);
  const replaced = replaceLayers(model, (layer) => {
    if (isPlain(layer, Linear)) return new FakeQuantizedLinear(layer, bits);
    const plain = isPlain(layer, Conv2d) && layer.options.groups === 1 && layer.paddingMode === "zeros";
    return plain ? new FakeQuantizedConv2d(layer, bits) : null;
  });
  if (replaced.length > 0) return model;
  throw new TypeError(
    `quantizationAware: ${model.constructor.name} holds no Linear and no Conv2d — there is nothing that would be rounded`,
  );
}
