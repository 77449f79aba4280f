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
import { type Lines, linesOf } from "../layout.ts";
import * as statistics from "./batch-statistics.reference.ts";
import * as statisticsSplit from "./batch-statistics.split.ts";
import { type Channels, type Passes, PlainPasses, type Statistics, type Sums, sizes } from "./passes.ts";

const kernel = kernels(statistics, statisticsSplit);

/**
 * Every channel shifted by its mean and divided by its spread, then weighted; what follows in the same pass over memory
 * (relu, pooling) is said by `passes`.
 *
 *   z = x̂·w + b, x̂ = (x − mean)/√(variance + ε)
 *
 * Shapes    x [N, C, …], w and b [C] → as x, or what pooling makes of it
 * Gradient  x: below; w: Σ g·x̂; b: Σ g, both over all dims but the channels
 */
abstract class Normalization extends Function {
  readonly eps: number;
  readonly passes: Passes;
  #saved!: Statistics & { readonly lines: Lines };
  constructor(eps: number, passes: Passes = new PlainPasses(false)) {
    super();
    [this.eps, this.passes] = [eps, passes];
  }

  /** Of every channel, as a user sees them: the mean, and the variance divided by n. */
  get statistics(): { readonly mean: Tensor; readonly variance: Tensor } {
    return { mean: this.#saved.shift, variance: this.#saved.variance };
  }

  protected normalized(lines: Lines, statistics: Statistics, w: Tensor, b: Tensor): Tensor {
    this.#saved = { lines, ...statistics };
    return this.passes.forward({ ...this.#saved, w: w.contiguous(), b: b.contiguous(), eps: this.eps });
  }

  protected get channels(): Channels {
    const [, w, b] = this.prev;
    return { ...this.#saved, w: w.contiguous(), b: b.contiguous(), eps: this.eps };
  }

  override signature() {
    return this.passes.signature(this.channels);
  }
}

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
    let known: Sums | null = null;
    const sums = () => (known ??= this.passes.sums(this.channels, g));
    return [() => this.passes.toInput(this.channels, g, sums()), () => sums().dw, () => sums().db];
  }
  #rule(given: Tensor): Gradient[] {
    const [x, w, b] = this.prev;
    const others = othersOf(x.rank);
    const mean = (t: Tensor) => t.mean(others, { keepDim: true });
    const centred = x.sub(mean(x));
    const scale = mean(centred.square()).add(this.eps).rsqrt();
    const normal = centred.mul(scale);
    const g = this.passes.through(given, () => normal.mul(perChannel(w, x.rank)).add(perChannel(b, x.rank)));
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
    return this.passes.onnx(node("Add", {}, [weighted, channels(2)]));
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
    let known: Sums | null = null;
    const sums = () => (known ??= this.passes.sums(this.channels, g));
    const toInput = () => {
      const nothing = fillWith(this.prev[1].newEmpty(this.prev[1].shape), 0);
      return this.passes.toInput(this.channels, g, { dw: nothing, db: nothing });
    };
    return [toInput, () => sums().dw, () => sums().db, null, null];
  }
  #rule(given: Tensor): Gradient[] {
    const [x, w, b, mean, variance] = this.prev;
    const others = othersOf(x.rank);
    const channels = (t: Tensor) => perChannel(t, x.rank);
    const scale = channels(variance.detach()).add(this.eps).rsqrt();
    const normal = x.sub(channels(mean.detach())).mul(scale);
    const g = this.passes.through(given, () => normal.mul(channels(w)).add(channels(b)));
    return [() => g.mul(channels(w)).mul(scale), () => g.mul(normal).sum(others), () => g.sum(others)];
  }
  override onnx(): OnnxNode {
    return this.passes.onnx(node("BatchNormalization", { epsilon: { float: this.eps } }, [0, 1, 2, 3, 4]));
  }
}
