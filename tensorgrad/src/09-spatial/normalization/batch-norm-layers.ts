import { checked, repeated, ShapeError, show } from "../../00-runtime/index.ts";
import { isRecordingAll, ones, type Tensor, zeros } from "../../01-tensor/index.ts";
import { ReLU } from "../../02-activations/index.ts";
import { type Fusion, isPlain, type Layer, Module, Parameter } from "../../03-layers/index.ts";
import type { Pair } from "../geometry.ts";
import { isChannelsLast } from "../layout.ts";
import { maxPool2d, slidingGrid } from "../pooling/pool.ts";
import { MaxPool2d } from "../pooling/pool-layers.ts";
import type { SlideOptions } from "../pooling/windows.ts";
import { BatchNormEval, BatchNormTraining } from "./batch-norm.ts";
import { checkNorm, checkNormOperands } from "./checks-norm.ts";
import { type Passes, PlainPasses } from "./passes.ts";
import { canPool, PooledPasses } from "./pooled-norm.ts";
import { normalizeByAll, type SharedStatistics, track } from "./running-statistics.ts";

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Whether the batch's own statistics are used, and the running ones updated. */
  readonly training?: boolean;
  /** How much a batch counts in the running statistics. */
  readonly momentum?: number;
  /** Added to the variance, so that a channel of equal numbers is not divided by 0. */
  readonly eps?: number;
  /** Passes on only the positive part: the same as relu afterwards, in one pass over memory. */
  readonly relu?: boolean;
  /**
   * The largest number of every window of what relu let through: the same as maxPool2d afterwards. It is one pass over
   * memory where channels lie side by side and the windows tile the image.
   */
  readonly pool?: Pooling | null;
}

/** What `maxPool2d` takes. */
export interface Pooling {
  readonly kernelSize: Pair;
  readonly options?: SlideOptions;
}

/**
 * Shifts and scales every channel to mean 0 and variance 1, then weights it.
 *
 *   y = (x − mean)/√(variance + ε)·weight + bias
 *
 * In training, mean and variance are those of the batch over all dims but the channels, and the running statistics
 * move towards them: r ← (1 − momentum)·r + momentum·s. The batch is normalised with the variance divided by n; the
 * running one takes it divided by n − 1, as an estimate of the variance of all data. Otherwise the running
 * statistics take their place.
 *
 * Shapes    x [N, C], [N, C, L] or [N, C, H, W]; everything else [C], or null → y as x
 * Gradient  to x, weight and bias in two passes; in training through the statistics as well
 * Cost      two passes forward, 3 numbers per channel kept for backward
 * Throws    ShapeError for statistics or weights of another size, and for a single number per channel in training
 * ONNX      BatchNormalization; in training spelled out
 * Source    Ioffe & Szegedy 2015, Batch normalization
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: BatchNormOptions = {},
): Tensor {
  const {
    training = false,
    momentum = 0.1,
    eps = 1e-5,
    pool = null,
  } = checked("batchNorm", options, ["training", "momentum", "eps", "relu", "pool"]);
  checkNorm("batchNorm", { momentum, eps });
  checkNormOperands("batchNorm", x, { runningMean, runningVar, weight, bias });
  const { dtype } = x.asFloat();
  const size = [x.shape[1]];
  const [w, b] = [weight ?? ones(size, { dtype }), bias ?? zeros(size, { dtype })];
  const passes = passesFor(x, options);
  const pooled = (y: Tensor) =>
    pool && passes instanceof PlainPasses ? maxPool2d(y, pool.kernelSize, pool.options) : y;
  if (!training) {
    if (runningMean && runningVar)
      return pooled(new BatchNormEval(eps, passes).apply(x.asFloat(), w, b, runningMean, runningVar));
    throw new TypeError(
      "batchNorm: no running statistics — outside training they take the place of the batch's; pass both, or { training: true }",
    );
  }
  checkCount("batchNorm", x);
  const count = x.size / x.shape[1];
  const operation = new BatchNormTraining(eps, passes);
  const y = operation.apply(x.asFloat(), w, b);
  if (count > 1) track(operation.statistics, { runningMean, runningVar }, momentum, count);
  return pooled(y);
}

/** What is done in the same pass over memory. */
function passesFor(x: Tensor, { relu = false, pool }: BatchNormOptions): Passes {
  if (!pool || !relu || x.rank !== 4 || x.isContiguous() || !isChannelsLast(x)) return new PlainPasses(relu);
  const grid = slidingGrid("maxPool2d", x, pool.kernelSize, pool.options ?? {});
  return canPool(grid) ? new PooledPasses(grid) : new PlainPasses(relu);
}

function checkCount(call: string, x: Tensor): void {
  if (x.size !== x.shape[1]) return;
  throw new ShapeError(
    `${call}: input ${show(x.shape)} in training — one number per channel has no variance; ` +
      "use a larger batch (dropLast in the loader), or eval()",
  );
}

/** Options of `BatchNorm1d` and `BatchNorm2d`. */
export interface BatchNormLayerOptions extends Pick<BatchNormOptions, "eps"> {
  /** How much a batch counts in the running statistics; null: the plain average over all batches. */
  readonly momentum?: number | null;
  /** Whether weight and bias are learned. */
  readonly affine?: boolean;
  /** Whether statistics are kept for evaluation; without them, the batch's own serve there too. */
  readonly trackRunningStats?: boolean;
}

/**
 * `batchNorm` with what it learns and remembers: weight and bias (parameters), running statistics (buffers).
 *
 * Start     weight 1, bias 0, runningMean 0, runningVar 1, as in PyTorch
 */
abstract class BatchNorm extends Module {
  readonly features: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  /** How many batches the running statistics have seen. */
  readonly numBatchesTracked: Tensor | null;
  /** Statistics over more than the batch at hand, in training: those of all ranks, where several train one model. */
  shared: SharedStatistics | null = null;

  constructor(features: number, options: BatchNormLayerOptions = {}) {
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      trackRunningStats = true,
    } = checked<BatchNormLayerOptions>(new.target.name, options, [
      "eps",
      "momentum",
      "affine",
      "trackRunningStats",
    ]);
    super();
    checkNorm(this.constructor.name, { momentum, eps, channels: features });
    [this.features, this.eps, this.momentum] = [features, eps, momentum];
    this.weight = affine ? new Parameter(ones([features])) : null;
    this.bias = affine ? new Parameter(zeros([features])) : null;
    this.runningMean = trackRunningStats ? zeros([features]) : null;
    this.runningVar = trackRunningStats ? ones([features]) : null;
    this.numBatchesTracked = trackRunningStats ? zeros([], { dtype: "int32" }) : null;
  }

  /** The shapes that it takes, as a message says them. */
  protected abstract readonly expected: readonly string[];

  override forward(x: Tensor): Tensor {
    return this.normalize(x);
  }

  /** In a Sequential: takes over a ReLU behind it, and a MaxPool2d behind that. */
  fuse([first, second]: readonly Layer[]): Fusion | null {
    if (!isPlain(this, BatchNorm) || !isPlain(first, ReLU)) return null;
    const pool = isPlain(second, MaxPool2d) ? second : null;
    return { layers: pool ? 3 : 2, forward: (x) => this.normalize(x, { relu: true, pool }) };
  }

  /** What forward does, and what may follow it in the same pass over memory. */
  normalize(x: Tensor, { relu = false, pool = null }: Pick<BatchNormOptions, "relu" | "pool"> = {}): Tensor {
    this.#check(x);
    const training = this.training || this.runningMean === null;
    const options = { training, momentum: this.#weightOfBatch(x), eps: this.eps, relu, pool };
    const y =
      training && this.shared ? normalizeByAll(x, this, this.shared, options) : this.#alone(x, options);
    if (training && x.size > 0 && !isRecordingAll() && this.numBatchesTracked)
      repeated([this.numBatchesTracked], (count) => count.assign([count.item() + 1]));
    return y;
  }

  #alone(x: Tensor, options: BatchNormOptions): Tensor {
    if (options.training) checkCount(`${this.constructor.name}(${this.features})`, x);
    return batchNorm(x, this.runningMean, this.runningVar, this.weight, this.bias, options);
  }

  /** Forgets what it has seen of the data. */
  resetRunningStats(): void {
    this.runningMean?.assign(new Float64Array(this.features));
    this.runningVar?.assign(new Float64Array(this.features).fill(1));
    this.numBatchesTracked?.assign([0]);
  }

  /** With momentum null, batch number n counts 1/n: the mean of all. */
  #weightOfBatch(x: Tensor): number {
    if (this.momentum !== null) return this.momentum;
    const before = x.size > 0 ? (this.numBatchesTracked?.item() ?? 0) : 0;
    return 1 / (before + 1);
  }

  #check(x: Tensor): void {
    const call = `${this.constructor.name}(${this.features})`;
    const fits = this.expected.some((shape) => shape.split(", ").length === x.rank);
    if (!fits || x.shape[1] !== this.features)
      throw new ShapeError(
        `${call}: expected input ${this.expected.map((shape) => `[${shape}]`).join(" or ")}, got ${show(x.shape)}`,
      );
  }

  protected override describe(): string {
    const settings = [
      this.eps === 1e-5 ? "" : `eps: ${this.eps}`,
      this.momentum === 0.1 ? "" : `momentum: ${this.momentum}`,
      this.weight ? "" : "affine: false",
      this.runningMean ? "" : "trackRunningStats: false",
    ];
    return [String(this.features), ...settings.filter((text) => text !== "")].join(", ");
  }
}

/**
 * Batch normalisation of vectors, or of lines.
 *
 * Shapes    x [N, C] or [N, C, L] → the same
 * Throws    ShapeError for another rank or number of channels, and for a batch of one in training
 */
export class BatchNorm1d extends BatchNorm {
  protected override get expected(): readonly string[] {
    return [`N, ${this.features}`, `N, ${this.features}, L`];
  }
}

/**
 * Batch normalisation of images: every channel over all images and pixels.
 *
 * Shapes    x [N, C, H, W] → the same
 * Throws    ShapeError for another rank or number of channels, and for one image of one pixel in training
 */
export class BatchNorm2d extends BatchNorm {
  protected override get expected(): readonly string[] {
    return [`N, ${this.features}, H, W`];
  }
}
