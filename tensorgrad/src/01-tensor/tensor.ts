import { type DType, ShapeError, show } from "../00-runtime/index.ts";
import { GraphNode } from "./graph-node.ts";
import { binary, type Other } from "./operands.ts";
import { Add, Div, Maximum, Minimum, Mul, Pow, Sub } from "./ops/arithmetic.ts";
import { Cast } from "./ops/cast.ts";
import { Eq, Ge, Gt, Le, Lt, Ne, where } from "./ops/compare.ts";
import * as unary from "./ops/elementwise.ts";
import { matmul } from "./ops/matmul.ts";
import * as reduce from "./ops/reduce.ts";
import { Clone, Detach } from "./ops/view.ts";
import * as view from "./ops/views.ts";
import { parse, type TensorData } from "./parse.ts";
import { asShape, type Shape } from "./shape.ts";
import { emptyLayout, Layout } from "./strided.ts";

export interface TensorOptions {
  /** Default: float32 for numbers, bool for booleans, a typed array's own type. */
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

type Dims = number | readonly number[];
type Keep = { readonly keepDim?: boolean };

/**
 * An array of numbers of one dtype with any number of dims, which remembers how it was computed.
 *
 * Operations never change their inputs. Views (`reshape`, `transpose`, `slice`, …) share memory with them.
 * Each operation's formula, gradient and shapes stand at its class in `ops/`.
 */
// biome-ignore format: a table of contents, one operation per line
export class Tensor extends GraphNode {
  constructor(data: TensorData | Layout, { dtype, requiresGrad = false }: TensorOptions = {}) {
    if (data instanceof Layout) super(data);
    else {
      const parsed = parse(data, dtype);
      super(emptyLayout(parsed.shape, parsed.dtype));
      this.storage.view.set(parsed.values);
    }
    if (requiresGrad) this.requiresGrad = true;
  }

  protected override make(layout: Layout): Tensor { return new Tensor(layout); }

  // ————— arithmetic: with a tensor or a number, broadcast
  add(b: Other): Tensor { return binary("add", Add, this, b); }
  sub(b: Other): Tensor { return binary("sub", Sub, this, b); }
  mul(b: Other): Tensor { return binary("mul", Mul, this, b); }
  /** True division: integers become float32. */
  div(b: Other): Tensor { return binary("div", Div, this.asFloat(), b); }
  pow(b: Other): Tensor { return binary("pow", Pow, this, b); }
  maximum(b: Other): Tensor { return binary("maximum", Maximum, this, b); }
  minimum(b: Other): Tensor { return binary("minimum", Minimum, this, b); }

  // ————— element by element; integers become float32 where the result is not an integer
  neg(): Tensor { return new unary.Neg().apply(this); }
  abs(): Tensor { return new unary.Abs().apply(this); }
  sign(): Tensor { return new unary.Sign().apply(this); }
  square(): Tensor { return new unary.Square().apply(this); }
  floor(): Tensor { return new unary.Floor().apply(this); }
  ceil(): Tensor { return new unary.Ceil().apply(this); }
  /** To the nearest integer; halves go to the even one. */
  round(): Tensor { return new unary.Round().apply(this); }
  /** min(max(x, low), high); an end left out stays open. */
  clamp(low = -Infinity, high = Infinity): Tensor { return new unary.Clamp(low, high).apply(this); }
  reciprocal(): Tensor { return new unary.Reciprocal().apply(this.asFloat()); }
  sqrt(): Tensor { return new unary.Sqrt().apply(this.asFloat()); }
  /** 1/√x */
  rsqrt(): Tensor { return new unary.Rsqrt().apply(this.asFloat()); }
  exp(): Tensor { return new unary.Exp().apply(this.asFloat()); }
  /** eˣ − 1, exact for small x */
  expm1(): Tensor { return new unary.Expm1().apply(this.asFloat()); }
  /** The natural logarithm. */
  log(): Tensor { return new unary.Log().apply(this.asFloat()); }
  /** ln(1 + x), exact for small x */
  log1p(): Tensor { return new unary.Log1p().apply(this.asFloat()); }
  sin(): Tensor { return new unary.Sin().apply(this.asFloat()); }
  cos(): Tensor { return new unary.Cos().apply(this.asFloat()); }
  tanh(): Tensor { return new unary.Tanh().apply(this.asFloat()); }
  /** 1/(1 + e⁻ˣ) */
  sigmoid(): Tensor { return new unary.Sigmoid().apply(this.asFloat()); }
  /** max(x, 0), with slope 0 at 0 */
  relu(): Tensor { return new unary.Relu().apply(this); }
  /** x·Φ(x), Φ the normal distribution function; "tanh" is GPT-2's approximation. */
  gelu({ approximate = "none" }: { readonly approximate?: "none" | "tanh" } = {}): Tensor {
    return new (approximate === "tanh" ? unary.GeluTanh : unary.Gelu)().apply(this.asFloat());
  }
  /** x·σ(x) */
  silu(): Tensor { return new unary.Silu().apply(this.asFloat()); }
  /** 2/√π ∫₀ˣ e^(−t²) dt */
  erf(): Tensor { return new unary.Erf().apply(this.asFloat()); }

  // ————— comparisons give tensors of bool
  eq(b: Other): Tensor { return binary("eq", Eq, this, b); }
  ne(b: Other): Tensor { return binary("ne", Ne, this, b); }
  lt(b: Other): Tensor { return binary("lt", Lt, this, b); }
  le(b: Other): Tensor { return binary("le", Le, this, b); }
  gt(b: Other): Tensor { return binary("gt", Gt, this, b); }
  ge(b: Other): Tensor { return binary("ge", Ge, this, b); }
  isNaN(): Tensor { return this.ne(this); }
  /** This tensor is the condition: `a` where it holds, else `b`. */
  where(a: Other, b: Other): Tensor { return where(this, a, b); }

  // ————— reductions: over the given dims, or over all; { keepDim: true } leaves them with size 1
  sum(dim?: Dims, keep: Keep = {}): Tensor { return reduce.sum(this, dim, keep); }
  mean(dim?: Dims, keep: Keep = {}): Tensor { return reduce.mean(this, dim, keep); }
  /** Σ (x − mean)² / (n − correction): correction 1 is the unbiased estimate. */
  var(dim?: Dims, options: Keep & { readonly correction?: number } = {}): Tensor { return reduce.variance(this, dim, options); }
  std(dim?: Dims, options: Keep & { readonly correction?: number } = {}): Tensor { return this.var(dim, options).sqrt(); }
  /** ln Σ eˣ, safe from overflow */
  logSumExp(dim?: Dims, keep: Keep = {}): Tensor { return reduce.logSumExp(this, dim, keep); }
  /** The largest of all elements; with a dim, the largest along it and where each was found (the first, on ties). */
  max(): Tensor;
  max(dim: number, keep?: Keep): reduce.Best;
  max(dim?: number, keep: Keep = {}): Tensor | reduce.Best { return reduce.best(reduce.Max, this, dim, keep); }
  min(): Tensor;
  min(dim: number, keep?: Keep): reduce.Best;
  min(dim?: number, keep: Keep = {}): Tensor | reduce.Best { return reduce.best(reduce.Min, this, dim, keep); }
  /** Position of the largest element, the first one on ties; without a dim, in row-major order of all. */
  argmax(dim?: number, keep: Keep = {}): Tensor { return reduce.argBest("argmax", this, dim, keep); }
  argmin(dim?: number, keep: Keep = {}): Tensor { return reduce.argBest("argmin", this, dim, keep); }

  // ————— shape: views wherever strides can express the result
  reshape(...shape: (number | Shape)[]): Tensor { return view.reshape(this, asShape(shape)); }
  /** Like reshape, but throws where a copy would be needed. */
  view(...shape: (number | Shape)[]): Tensor { return view.strictView(this, asShape(shape)); }
  flatten(start = 0, end = -1): Tensor { return view.flatten(this, start, end); }
  transpose(dim0: number, dim1: number): Tensor { return view.transpose(this, dim0, dim1); }
  /** The transposed matrix. */
  t(): Tensor { return view.t(this); }
  permute(...dims: (number | Shape)[]): Tensor { return view.permute(this, asShape(dims)); }
  /** Repeats dims of size 1 without a copy; −1 leaves a dim as it is. */
  expand(...shape: (number | Shape)[]): Tensor { return view.expand(this, asShape(shape)); }
  squeeze(dim?: Dims): Tensor { return view.squeeze(this, dim); }
  unsqueeze(dim: number): Tensor { return view.unsqueeze(this, dim); }
  /** `length` elements along a dim, from `start`. */
  narrow(dim: number, start: number, length: number): Tensor { return view.narrow(this, dim, start, length); }
  /** From `start` to before `end`, every `step`-th; negative positions count from the end. */
  slice(dim: number, start = 0, end?: number, step = 1): Tensor { return view.slice(this, dim, start, end, step); }
  /** The part at one index of a dim, which goes away. */
  select(dim: number, index: number): Tensor { return view.select(this, dim, index); }
  contiguous(): Tensor { return this.isContiguous() ? this : this.clone(); }

  // ————— products
  /** Matrix product; 1-D operands are rows or columns, leading dims a batch that broadcasts. */
  matmul(b: Tensor): Tensor { return matmul(this, b); }

  // ————— copies and dtypes
  /** The same numbers outside the graph: a leaf that shares this storage. */
  detach(): Tensor { return new Detach().apply(this); }
  /** A copy with memory of its own; gradients flow through. */
  clone(): Tensor { return new Clone().apply(this); }
  /** The same numbers in another dtype; the tensor itself if it has that one already. */
  to(dtype: DType): Tensor { return dtype === this.dtype ? this : new Cast(dtype).apply(this); }
  /** Integers and booleans as float32. */
  asFloat(): Tensor { return this.isFloat ? this : this.to("float32"); }

  /**
   * Overwrites the elements: the one way in which a tensor changes, for optimizers and buffers.
   * Refused inside a graph, where saved values would change behind backward's back.
   */
  assign(values: Tensor | ArrayLike<number>): this {
    const source = values instanceof Tensor ? values.data : values;
    if (source.length !== this.size || (values instanceof Tensor && show(values.shape) !== show(this.shape))) {
      const given = values instanceof Tensor ? show(values.shape) : `${source.length} numbers`;
      throw new ShapeError(`assign: ${given} into a tensor of shape ${show(this.shape)} — shapes must be equal`);
    }
    view.write(this, source);
    return this;
  }
}
