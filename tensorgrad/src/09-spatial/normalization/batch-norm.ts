import { kernels } from "../../00-runtime/index.ts";
import {
  Function,
  fillWith,
  float,
  type Gradient,
  int64s,
  isRecording,
  node,
  type OnnxNode,
  type OnnxOperand,
  type Tensor,
} from "../../01-tensor/index.ts";
import { emptyImages, inOrder, type Lines, linesOf } from "../layout.ts";
import * as norm from "./batch-norm.reference.ts";
import * as normSplit from "./batch-norm.split.ts";
import * as statistics from "./batch-statistics.reference.ts";
import * as statisticsSplit from "./batch-statistics.split.ts";

const kernel = kernels({ ...norm, ...statistics }, { ...normSplit, ...statisticsSplit });

/** Mean (in two parts, for float32 rounds the first) and variance of every channel. */
interface Statistics {
  readonly shift: Tensor;
  readonly rest: Tensor;
  readonly variance: Tensor;
}

/**
 * Every channel shifted by its mean and divided by its spread, then weighted.
 *
 *   y = x̂·w + b, x̂ = (x − mean)/√(variance + ε); with relu: max(y, 0)
 *
 * Shapes    x [N, C, …], w and b [C] → y as x
 * Gradient  x: below; w: Σ g·x̂; b: Σ g, both over all dims but the channels
 */
abstract class Normalization extends Function {
  readonly eps: number;
  /** Whether only the positive part is passed on: two layers in one pass over memory. */
  readonly relu: boolean;
  #lines!: Lines;
  #statistics!: Statistics;
  constructor(eps: number, { relu = false }: { readonly relu?: boolean } = {}) {
    super();
    [this.eps, this.relu] = [eps, relu];
  }

  /** Of every channel, as a user sees them: the mean, and the variance divided by n. */
  get statistics(): { readonly mean: Tensor; readonly variance: Tensor } {
    return { mean: this.#statistics.shift, variance: this.#statistics.variance };
  }

  protected normalized(lines: Lines, statistics: Statistics, w: Tensor, b: Tensor): Tensor {
    [this.#lines, this.#statistics] = [lines, statistics];
    const { x, channelsLast } = lines;
    const { shift, rest, variance } = statistics;
    const y = emptyImages(x, x.shape, channelsLast);
    const [weight, bias] = [w.contiguous(), b.contiguous()];
    kernel.batchNorm(x, weight, bias, shift, rest, variance, y, ...sizes(lines), this.eps, Number(this.relu));
    return y;
  }

  /** dw and db in one pass over x and g. */
  protected sums(given: Tensor): { readonly dw: Tensor; readonly db: Tensor } {
    const { x, channelsLast } = this.#lines;
    const [g, [w, b]] = [inOrder(given, channelsLast), this.#weights()];
    const [dw, db] = [w.newEmpty(w.shape), b.newEmpty(b.shape)];
    const { shift, rest, variance } = this.#statistics;
    const [outer, channels, inner] = sizes(this.#lines);
    const settings = [channels * inner, this.eps, Number(this.relu)] as const;
    kernel.batchNormSums(x, g, w, b, shift, rest, variance, dw, db, outer, channels, inner, ...settings);
    return { dw, db };
  }

  /** What dw and db take away stands for the statistics' own dependence on x. */
  protected toInput(given: Tensor, { dw, db }: { readonly dw: Tensor; readonly db: Tensor }): Tensor {
    const { x, channelsLast } = this.#lines;
    const [g, [w, b]] = [inOrder(given, channelsLast), this.#weights()];
    const dx = emptyImages(x, x.shape, channelsLast);
    const { shift, rest, variance } = this.#statistics;
    const [outer, channels, inner] = sizes(this.#lines);
    const settings = [this.eps, Number(this.relu), outer * inner] as const;
    kernel.batchNormGrad(x, g, w, b, shift, rest, variance, dw, db, dx, outer, channels, inner, ...settings);
    return dx;
  }

  #weights(): [w: Tensor, b: Tensor] {
    return [this.prev[1].contiguous(), this.prev[2].contiguous()];
  }

  /** g where relu let it through, in differentiable operations. */
  protected through(g: Tensor, normal: Tensor, w: Tensor, b: Tensor): Tensor {
    return this.relu ? normal.mul(w).add(b).gt(0).where(g, 0) : g;
  }

  override signature() {
    return this.relu ? (this.#positive().data as ArrayLike<number>) : null;
  }
  #positive(): Tensor {
    const [lines, [w, b]] = [this.#lines, this.#weights()];
    const y = emptyImages(lines.x, lines.x.shape, lines.channelsLast);
    const { shift, rest, variance } = this.#statistics;
    kernel.batchNorm(lines.x, w, b, shift, rest, variance, y, ...sizes(lines), this.eps, 0);
    return y.gt(0);
  }
}

const sizes = ({ outer, channels, inner }: Lines): [outer: number, channels: number, inner: number] => [
  outer,
  channels,
  inner,
];

/** [C] as [1, C, 1, 1], so that it broadcasts over images. */
const perChannel = (t: Tensor, rank: number): Tensor =>
  t.reshape([1, t.size, ...new Array<number>(rank - 2).fill(1)]);

/** All dims but the channels. */
const othersOf = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2)];

/**
 * Normalises with the statistics of the batch itself.
 *
 *   mean = Σ x/n, variance = Σ (x − mean)²/n over all dims but the channels
 *
 * Gradient  x: w/√(variance + ε)·(g − mean(g) − x̂·mean(g·x̂))
 * ONNX      spelled out: means, differences and a root
 */
export class BatchNormTraining extends Normalization {
  forward(x: Tensor, w: Tensor, b: Tensor): Tensor {
    const lines = linesOf(x);
    const [shift, rest, variance] = [0, 1, 2].map(() => w.newEmpty(w.shape));
    const [outer, channels, inner] = sizes(lines);
    kernel.batchStatistics(lines.x, shift, rest, variance, outer, channels, inner, channels * inner);
    return this.normalized(lines, { shift, rest, variance }, w, b);
  }
  backward(g: Tensor): Gradient[] {
    if (isRecording()) return this.#rule(g);
    let known: ReturnType<Normalization["sums"]> | null = null;
    const sums = () => (known ??= this.sums(g));
    return [() => this.toInput(g, sums()), () => sums().dw, () => sums().db];
  }
  #rule(given: Tensor): Gradient[] {
    const [x, w, b] = this.prev;
    const others = othersOf(x.rank);
    const mean = (t: Tensor) => t.mean(others, { keepDim: true });
    const centred = x.sub(mean(x));
    const scale = mean(centred.square()).add(this.eps).rsqrt();
    const normal = centred.mul(scale);
    const g = this.through(given, normal, perChannel(w, x.rank), perChannel(b, x.rank));
    const gw = g.mul(perChannel(w, x.rank));
    const toInput = () => {
      const direct = gw.sub(mean(gw));
      return direct.sub(normal.mul(mean(gw.mul(normal)))).mul(scale);
    };
    return [toInput, () => g.mul(normal).sum(others), () => g.sum(others)];
  }
  override onnx(): OnnxNode {
    const { rank } = this.prev[0];
    const mean = (x: OnnxOperand) => node("ReduceMean", { keepdims: 1 }, [x, int64s(...othersOf(rank))]);
    const centred = node("Sub", {}, [0, mean(0)]);
    const variance = mean(node("Mul", {}, [centred, centred]));
    const spread = node("Sqrt", {}, [node("Add", {}, [variance, float(this.eps)])]);
    const shape = int64s(1, this.prev[1].size, ...new Array<number>(rank - 2).fill(1));
    const channels = (i: number) => node("Reshape", {}, [i, shape]);
    const weighted = node("Mul", {}, [node("Div", {}, [centred, spread]), channels(1)]);
    const y = node("Add", {}, [weighted, channels(2)]);
    return this.relu ? node("Relu", {}, [y]) : y;
  }
}

/**
 * Normalises with statistics that are given: what training left. They have no gradients.
 *
 * Gradient  x: g·w/√(variance + ε)
 * ONNX      BatchNormalization
 */
export class BatchNormEval extends Normalization {
  forward(x: Tensor, w: Tensor, b: Tensor, mean: Tensor, variance: Tensor): Tensor {
    const shift = mean.contiguous();
    const rest = fillWith(shift.newEmpty(shift.shape), 0);
    return this.normalized(linesOf(x), { shift, rest, variance: variance.contiguous() }, w, b);
  }
  backward(g: Tensor): Gradient[] {
    if (isRecording()) return [...this.#rule(g), null, null];
    let known: ReturnType<Normalization["sums"]> | null = null;
    const sums = () => (known ??= this.sums(g));
    const toInput = () => {
      const nothing = fillWith(this.prev[1].newEmpty(this.prev[1].shape), 0);
      return this.toInput(g, { dw: nothing, db: nothing });
    };
    return [toInput, () => sums().dw, () => sums().db, null, null];
  }
  #rule(given: Tensor): Gradient[] {
    const [x, w, b, mean, variance] = this.prev;
    const others = othersOf(x.rank);
    const channels = (t: Tensor) => perChannel(t, x.rank);
    const scale = channels(variance.detach()).add(this.eps).rsqrt();
    const normal = x.sub(channels(mean.detach())).mul(scale);
    const g = this.through(given, normal, channels(w), channels(b));
    return [() => g.mul(channels(w)).mul(scale), () => g.mul(normal).sum(others), () => g.sum(others)];
  }
  override onnx(): OnnxNode {
    const y = node("BatchNormalization", { epsilon: { float: this.eps } }, [0, 1, 2, 3, 4]);
    return this.relu ? node("Relu", {}, [y]) : y;
  }
}
