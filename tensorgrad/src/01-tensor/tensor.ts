import { checked, type DType, repeated } from "../00-runtime/index.ts";
import { GraphNode } from "./graph-node.ts";
import { binary, isFraction, isTensor, type Other } from "./operands.ts";
import { type Index, index } from "./ops/indexing/advanced.ts";
import { gather, scatterAdd } from "./ops/indexing/gather.ts";
import { indexAdd, indexSelect } from "./ops/indexing/index-select.ts";
import { maskedFill } from "./ops/indexing/masked-fill.ts";
import { argsort, type SortOptions, sort, type TopKOptions, topk } from "./ops/indexing/sort.ts";
import { Add, Atan2, Div, Fmod, Maximum, Minimum, Mul, Pow, Sub } from "./ops/pointwise/arithmetic.ts";
import { Cast } from "./ops/pointwise/cast.ts";
import { Eq, Ge, Gt, Le, Lt, Ne, where } from "./ops/pointwise/compare.ts";
import * as unary from "./ops/pointwise/elementwise.ts";
import { all, any, LogicalAnd, LogicalOr, LogicalXor, logical, not } from "./ops/pointwise/logic.ts";
import { addcmul, lerp, type NormalizeOptions, normalize } from "./ops/pointwise/mixed.ts";
import * as transcendental from "./ops/pointwise/transcendental.ts";
import { type AddmmOptions, addmm } from "./ops/products/addmm.ts";
import * as product from "./ops/products/bmm.ts";
import { matmul } from "./ops/products/matmul.ts";
import { Amax, Amin, argBest, extreme, extremeAlong, type Found, Max, Min } from "./ops/reduce/extreme.ts";
import { type NormOptions, norm, root } from "./ops/reduce/norm.ts";
import { prod } from "./ops/reduce/prod.ts";
import { cumprod, logcumsumexp } from "./ops/reduce/recurrence.ts";
import * as reduce from "./ops/reduce/reduce.ts";
import { cumsum, flip } from "./ops/reduce/scan.ts";
import { Clone } from "./ops/shape/clone.ts";
import { assign } from "./ops/shape/copy.ts";
import { type DiagonalOptions, diagonal, trace } from "./ops/shape/diagonal.ts";
import { movedim, repeatInterleave, roll } from "./ops/shape/moves.ts";
import { type PadOptions, pad } from "./ops/shape/pad.ts";
import * as view from "./ops/shape/reshape.ts";
import * as slice from "./ops/shape/slice.ts";
import { triangle } from "./ops/shape/triangle.ts";
import { parse, type TensorData } from "./parse.ts";
import { asShape, type Shape } from "./shape.ts";
import { emptyLayout, Layout } from "./strided.ts";

/** The dtype of a new tensor, and whether its gradient is wanted. */
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
  constructor(data: TensorData | Layout, options: TensorOptions = {}) {
    if (data instanceof Layout) super(data);
    else {
      checked("tensor", options, ["dtype", "requiresGrad"]);
      const parsed = parse(data, options.dtype);
      super(emptyLayout(parsed.shape, parsed.dtype));
      this.storage.write(parsed.values);
    }
    if (options.requiresGrad) this.requiresGrad = true;
  }

  protected override make(layout: Layout): Tensor { return new Tensor(layout); }

  // ————— arithmetic: with a tensor or a number, broadcast
  /** this + b */ add(b: Other): Tensor { return binary("add", Add, this, b); }
  /** this − b */ sub(b: Other): Tensor { return binary("sub", Sub, this, b); }
  /** this · b */ mul(b: Other): Tensor { return binary("mul", Mul, this, b); }
  /** True division: integers become float32. */
  div(b: Other): Tensor { return binary("div", Div, this.asFloat(), b); }
  /** this to the power of b */ pow(b: Other): Tensor { return binary("pow", Pow, this, b); }
  /** The larger one; NaN wins. */ maximum(b: Other): Tensor { return binary("maximum", Maximum, this, b); }
  /** The smaller one; NaN wins. */ minimum(b: Other): Tensor { return binary("minimum", Minimum, this, b); }
  /** The angle of the point (b, this), from −π to π. */
  atan2(b: Other): Tensor { return binary("atan2", Atan2, this.asFloat(), b); }
  /** What is left after whole multiples of b, with the sign of this. */
  fmod(b: Other): Tensor { return binary("fmod", Fmod, this, b); }

  /** From this to `end`: weight 0 to 1 of the way. */
  lerp(end: Other, weight: Other): Tensor { return lerp(this, end, weight); }
  /** this + value·a·b */
  addcmul(a: Other, b: Other, options: { readonly value?: number } = {}): Tensor { return addcmul(this, a, b, options); }

  // ————— element by element; integers become float32 where the result is not an integer
  /** −x */ neg(): Tensor { return new unary.Neg().apply(this.dtype === "bool" ? this.to("int32") : this); }
  /** |x| */ abs(): Tensor { return new unary.Abs().apply(this); }
  /** −1, 0 or 1 */ sign(): Tensor { return new unary.Sign().apply(this); }
  /** x² */ square(): Tensor { return new unary.Square().apply(this); }
  /** The largest integer not above x. */ floor(): Tensor { return new unary.Floor().apply(this); }
  /** The smallest integer not below x. */ ceil(): Tensor { return new unary.Ceil().apply(this); }
  /** To the nearest integer; halves go to the even one. */
  round(): Tensor { return new unary.Round().apply(this); }
  /** min(max(x, low), high); an end left out stays open. Fractions make integers float32. */
  clamp(low = -Infinity, high = Infinity): Tensor { return new unary.Clamp(low, high).apply(isFraction(low) || isFraction(high) ? this.asFloat() : this); }
  /** 1/x */ reciprocal(): Tensor { return new unary.Reciprocal().apply(this.asFloat()); }
  /** √x; NaN below 0 */ sqrt(): Tensor { return new unary.Sqrt().apply(this.asFloat()); }
  /** 1/√x */
  rsqrt(): Tensor { return new unary.Rsqrt().apply(this.asFloat()); }
  /** eˣ */ exp(): Tensor { return new unary.Exp().apply(this.asFloat()); }
  /** eˣ − 1, exact for small x */
  expm1(): Tensor { return new unary.Expm1().apply(this.asFloat()); }
  /** The natural logarithm. */
  log(): Tensor { return new unary.Log().apply(this.asFloat()); }
  /** ln(1 + x), exact for small x */
  log1p(): Tensor { return new unary.Log1p().apply(this.asFloat()); }
  /** 2ˣ */ exp2(): Tensor { return new transcendental.Exp2().apply(this.asFloat()); }
  /** The logarithm to base 2. */ log2(): Tensor { return new transcendental.Log2().apply(this.asFloat()); }
  /** The logarithm to base 10. */ log10(): Tensor { return new transcendental.Log10().apply(this.asFloat()); }
  /** The sine of angles in radians. */ sin(): Tensor { return new unary.Sin().apply(this.asFloat()); }
  /** The cosine of angles in radians. */ cos(): Tensor { return new unary.Cos().apply(this.asFloat()); }
  /** The tangent of angles in radians. */ tan(): Tensor { return new transcendental.Tan().apply(this.asFloat()); }
  /** The angle whose sine this is, from −π/2 to π/2. */ asin(): Tensor { return new transcendental.Asin().apply(this.asFloat()); }
  /** The angle whose cosine this is, from 0 to π. */ acos(): Tensor { return new transcendental.Acos().apply(this.asFloat()); }
  /** The angle whose tangent this is, from −π/2 to π/2. */
  atan(): Tensor { return new unary.Atan().apply(this.asFloat()); }
  /** (eˣ − e⁻ˣ)/2 */ sinh(): Tensor { return new transcendental.Sinh().apply(this.asFloat()); }
  /** (eˣ + e⁻ˣ)/2 */ cosh(): Tensor { return new transcendental.Cosh().apply(this.asFloat()); }
  /** The hyperbolic tangent, from −1 to 1. */ tanh(): Tensor { return new unary.Tanh().apply(this.asFloat()); }
  /** 1/(1 + e⁻ˣ) */
  sigmoid(): Tensor { return new unary.Sigmoid().apply(this.asFloat()); }
  /** max(x, 0), with slope 0 at 0 */
  relu(): Tensor { return new unary.Relu().apply(this); }
  /** x·Φ(x), Φ the normal distribution function; "tanh" is GPT-2's approximation. */
  gelu(options: { readonly approximate?: "none" | "tanh" } = {}): Tensor {
    const { approximate = "none" } = checked("gelu", options, ["approximate"]);
    return new (approximate === "tanh" ? unary.GeluTanh : unary.Gelu)().apply(this.asFloat());
  }
  /** x·σ(x) */
  silu(): Tensor { return new unary.Silu().apply(this.asFloat()); }
  /** 2/√π ∫₀ˣ e^(−t²) dt */
  erf(): Tensor { return new unary.Erf().apply(this.asFloat()); }

  // ————— comparisons give tensors of bool
  /** this = b */ eq(b: Other): Tensor { return binary("eq", Eq, this, b); }
  /** this ≠ b */ ne(b: Other): Tensor { return binary("ne", Ne, this, b); }
  /** this < b */ lt(b: Other): Tensor { return binary("lt", Lt, this, b); }
  /** this ≤ b */ le(b: Other): Tensor { return binary("le", Le, this, b); }
  /** this > b */ gt(b: Other): Tensor { return binary("gt", Gt, this, b); }
  /** this ≥ b */ ge(b: Other): Tensor { return binary("ge", Ge, this, b); }
  /** Where this is not a number. */ isNaN(): Tensor { return this.ne(this); }
  /** This tensor is the condition: `a` where it holds, else `b`. */
  where(a: Other, b: Other): Tensor { return where(this, a, b); }

  // ————— logic: every number but 0 counts as true
  /** Where both hold. */ logicalAnd(b: Other): Tensor { return logical("logicalAnd", LogicalAnd, this, b); }
  /** Where one or both hold. */ logicalOr(b: Other): Tensor { return logical("logicalOr", LogicalOr, this, b); }
  /** Where exactly one holds. */ logicalXor(b: Other): Tensor { return logical("logicalXor", LogicalXor, this, b); }
  /** Where this does not hold. */ logicalNot(): Tensor { return not(this); }

  // ————— reductions: over the given dims, or over all; { keepDim: true } leaves them with size 1
  /** The sum. */ sum(dim?: Dims, keep: Keep = {}): Tensor { return reduce.sum(this, dim, keep); }
  /** The sum divided by the count. */ mean(dim?: Dims, keep: Keep = {}): Tensor { return reduce.mean(this, dim, keep); }
  /** Σ (x − mean)² / (n − correction): correction 1 is the unbiased estimate. */
  var(dim?: Dims, options: Keep & { readonly correction?: number } = {}): Tensor { return reduce.variance(this, dim, options); }
  /** The root of `var`. */ std(dim?: Dims, options: Keep & { readonly correction?: number } = {}): Tensor { return root(this.var(dim, options), 2); }
  /** ln Σ eˣ, safe from overflow */
  logSumExp(dim?: Dims, keep: Keep = {}): Tensor { return reduce.logSumExp(this, dim, keep); }
  /** The product. */ prod(dim?: Dims, keep: Keep = {}): Tensor { return prod(this, dim, keep); }
  /** Running sums along a dim. */
  cumsum(dim: number): Tensor { return cumsum(this, dim); }
  /** Running products along a dim. */
  cumprod(dim: number): Tensor { return cumprod(this, dim); }
  /** ln of the running sums of eˣ along a dim. */
  logcumsumexp(dim: number): Tensor { return logcumsumexp(this, dim); }
  /** (Σ |x|ᵖ)^(1/p), p = 2 unless `{ p }` says otherwise. */
  norm(dim?: Dims, options: NormOptions = {}): Tensor { return norm(this, dim, options); }
  /** Vectors along a dim (1) made of length 1: x/max(‖x‖ₚ, eps). */
  normalize(options: NormalizeOptions = {}): Tensor { return normalize(this, options); }
  /** Whether some element is not 0. */
  any(dim?: Dims, keep: Keep = {}): Tensor { return any(this, dim, keep); }
  /** Whether no element is 0. */
  all(dim?: Dims, keep: Keep = {}): Tensor { return all(this, dim, keep); }
  /** The largest element; ties share the gradient evenly. */
  amax(dim?: Dims, keep: Keep = {}): Tensor { return extreme("amax", Amax, this, dim, keep); }
  /** The smallest element; ties share the gradient evenly. */ amin(dim?: Dims, keep: Keep = {}): Tensor { return extreme("amin", Amin, this, dim, keep); }
  /** The largest of all elements, as amax; with a dim, the largest along it and where each was found (the first, on ties). */
  max(): Tensor;
  max(dim: number, keep?: Keep): Found;
  max(dim?: number, keep: Keep = {}): Tensor | Found { return dim === undefined ? extreme("max", Amax, this) : extremeAlong(Max, this, dim, keep); }
  /** The smallest, as `max` gives the largest. */ min(): Tensor;
  min(dim: number, keep?: Keep): Found;
  min(dim?: number, keep: Keep = {}): Tensor | Found { return dim === undefined ? extreme("min", Amin, this) : extremeAlong(Min, this, dim, keep); }
  /** Position of the largest element, the first one on ties; without a dim, in row-major order of all. */
  argmax(dim?: number, keep: Keep = {}): Tensor { return argBest("argmax", this, dim, keep); }
  /** Position of the smallest element, as `argmax` of the largest. */ argmin(dim?: number, keep: Keep = {}): Tensor { return argBest("argmin", this, dim, keep); }

  // ————— shape: views wherever strides can express the result
  /** The same elements in another shape; one size may be −1. */ reshape(...shape: (number | Shape)[]): Tensor { return view.reshape(this, asShape(shape)); }
  /** Like reshape, but throws where a copy would be needed. */
  view(...shape: (number | Shape)[]): Tensor { return view.strictView(this, asShape(shape)); }
  /** Dims `start` to `end` as one. */ flatten(start = 0, end = -1): Tensor { return view.flatten(this, start, end); }
  /** Two dims change places. */ transpose(dim0: number, dim1: number): Tensor { return view.transpose(this, dim0, dim1); }
  /** The transposed matrix. */
  t(): Tensor { return view.t(this); }
  /** Dims in another order. */ permute(...dims: (number | Shape)[]): Tensor { return view.permute(this, asShape(dims)); }
  /** Repeats dims of size 1 without a copy; −1 leaves a dim as it is. */
  expand(...shape: (number | Shape)[]): Tensor { return view.expand(this, asShape(shape)); }
  /** Without dims of size 1: all of them, or those given. */ squeeze(dim?: Dims): Tensor { return view.squeeze(this, dim); }
  /** With a new dim of size 1 at `dim`. */ unsqueeze(dim: number): Tensor { return view.unsqueeze(this, dim); }
  /** `length` elements along a dim, from `start`. */
  narrow(dim: number, start: number, length: number): Tensor { return slice.narrow(this, dim, start, length); }
  /** From `start` to before `end`, every `step`-th (backwards if it is negative); negative positions count from the end. */
  slice(dim: number, start?: number, end?: number, step = 1): Tensor { return slice.slice(this, dim, start, end, step); }
  /** The part at one index of a dim, which goes away. */
  select(dim: number, index: number): Tensor { return slice.select(this, dim, index); }
  /** Parts of one size (the last one maybe shorter), or of a list of sizes. */
  split(size: number | readonly number[], dim = 0): Tensor[] { return slice.split(this, size, dim); }
  /** At most that many parts of one size. */
  chunk(chunks: number, dim = 0): Tensor[] { return slice.chunk(this, chunks, dim); }
  /** Dims from one place to another; the others keep their order. */
  movedim(source: Dims, destination: Dims): Tensor { return movedim(this, source, destination); }
  /** A diagonal of matrices (of dims 0 and 1), as a new last dim. */
  diagonal(options: DiagonalOptions = {}): Tensor { return diagonal(this, options); }
  /** This tensor where its elements lie in row-major order without gaps, else a copy that does. */ contiguous(): Tensor { return this.isContiguous() ? this : this.clone(); }

  // ————— shape: copies
  /** The given dims backwards. */
  flip(dims: Dims): Tensor { return flip(this, dims); }
  /** Longer by (before, after) elements per dim, last dim first; shorter by negative ones. */
  pad(padding: Shape, options: PadOptions = {}): Tensor { return pad(this, padding, options); }
  /** Over and over, so many times per dim; more numbers than dims add dims in front. */
  repeat(...times: (number | Shape)[]): Tensor { return view.repeat(this, asShape(times)); }
  /** Every element several times in a row, along a dim or as one list. */
  repeatInterleave(repeats: Dims | Tensor, dim?: number): Tensor { return repeatInterleave(this, repeats, dim); }
  /** Moved on along dims, what passes the end to the beginning; without dims, in row-major order. */
  roll(shifts: Dims, dims?: Dims): Tensor { return roll(this, shifts, dims); }
  /** The part of matrices on and below a diagonal; zeros above. */
  tril(diagonal = 0): Tensor { return triangle("tril", this, diagonal); }
  /** The part of matrices on and above a diagonal; zeros below. */ triu(diagonal = 0): Tensor { return triangle("triu", this, diagonal); }

  // ————— by index: tensors of int32, counted from 0
  /** y[…] = x[rows[…], cols[…]]: tensors of int32 that broadcast, masks, numbers, ":" and "..." */
  index(...indices: Index[]): Tensor { return index(this, ...indices); }
  /** y[…, j, …] = x[…, index[j], …] */
  indexSelect(dim: number, index: Tensor): Tensor { return indexSelect(this, dim, index); }
  /** y[…, index[j], …] += source[…, j, …] */
  indexAdd(dim: number, index: Tensor, source: Tensor): Tensor { return indexAdd(this, dim, index, source); }
  /** y[i, j] = x[i, index[i, j]] for dim 1 of two */
  gather(dim: number, index: Tensor): Tensor { return gather(this, dim, index); }
  /** y[i, index[i, j]] += source[i, j] for dim 1 of two */
  scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor { return scatterAdd(this, dim, index, source); }
  /** `value` where the mask holds. */ maskedFill(mask: Tensor, value: number): Tensor { return maskedFill(this, mask, value); }
  /** In order along a dim, equal elements as they were, NaN as the largest; and where each was. */
  sort(dim = -1, options: SortOptions = {}): Found { return sort(this, dim, options); }
  /** The positions that `sort` gives. */ argsort(dim = -1, options: SortOptions = {}): Tensor { return argsort(this, dim, options); }
  /** The k largest along a dim, best first, and where each was. */
  topk(k: number, dim = -1, options: TopKOptions = {}): Found { return topk(this, k, dim, options); }

  // ————— products
  /** Matrix product; 1-D operands are rows or columns, leading dims a batch that broadcasts. */
  matmul(b: Tensor): Tensor { return matmul(this, b); }
  /** Batches of equally many matrices. */
  bmm(b: Tensor): Tensor { return product.bmm(this, b); }
  /** Σ a[i]·b[i] of two vectors */
  dot(b: Tensor): Tensor { return product.dot(this, b); }
  /** beta·this + alpha·(a · b) of matrices */
  addmm(a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor { return addmm(this, a, b, options); }
  /** The sum of a matrix's diagonal. */
  trace(): Tensor { return trace(this); }
  /** a[i]·b[j] of two vectors */
  outer(b: Tensor): Tensor { return product.outer(this, b); }

  // ————— copies and dtypes
  /** The same numbers outside the graph: a leaf that shares this storage. */
  detach(): Tensor { return new view.Detach().apply(this); }
  /** A copy with memory of its own; gradients flow through. */
  clone(): Tensor { return new Clone().apply(this); }
  /** The same numbers in another dtype; the tensor itself if it has that one already. */
  to(dtype: DType): Tensor { return dtype === this.dtype ? this : new Cast(dtype).apply(this); }
  /** Integers and booleans as float32. */
  asFloat(): Tensor { return this.isFloat ? this : this.to("float32"); }

  /**
   * Overwrites the elements: the one way in which a tensor changes, beside an optimizer's step. A graph that was
   * recorded before refuses gradients that need the old ones: assign between steps.
   */
  assign(values: Tensor | ArrayLike<number>): this {
    if (isTensor(values)) repeated<Tensor, void>([this, values], (x, from) => assign(x, from.data, from.shape));
    else assign(this, values, null);
    return this;
  }
}
