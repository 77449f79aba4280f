import { checked, ShapeError, show } from "../../00-runtime/index.ts";
import { isRecordingAll, ones, type Tensor, withRecording, zeros } from "../../01-tensor/index.ts";
import { Module, Parameter } from "../../03-layers/index.ts";
import { batchNorm } from "./batch-norm-layers.ts";
import { checkNorm, checkNormOperands } from "./checks-norm.ts";
import { NormalizeRows } from "./normalize-rows.ts";

/** Options of `groupNorm` and `GroupNorm`. */
export interface GroupNormOptions {
  /** Added to the variance, so that equal numbers are not divided by 0. */
  readonly eps?: number;
}

/**
 * Shifts and scales the channels of every image, in groups, to mean 0 and variance 1, then weights each channel. It
 * does not look at other images: the same in training and evaluation, and for a batch of one.
 *
 *   y = (x − mean)/√(variance + ε)·weight + bias, mean and variance over a group's channels and all their pixels
 *
 * Shapes    x [N, C, …], weight and bias [C], or null → y as x
 * Gradient  to x, weight and bias
 * Throws    ShapeError if the groups do not divide the channels, or weight or bias has another size
 * ONNX      spelled out: means, differences and a root
 * Source    Wu & He 2018, Group normalization
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: GroupNormOptions = {},
): Tensor {
  const { eps = 1e-5 } = checked("groupNorm", options, ["eps"]);
  checkNorm("groupNorm", { eps });
  checkNormOperands("groupNorm", x, { weight, bias });
  checkGroups("groupNorm", numGroups, x.shape[1], ` of input ${show(x.shape)}`);
  const [N, C, ...image] = x.shape;
  const pixels = image.reduce((product, n) => product * n, 1);
  const groups = x.asFloat().reshape(N, numGroups, (C / numGroups) * pixels); // [N, G, C/G·H·W]
  return weighted(new NormalizeRows(eps).apply(groups).reshape(x.shape), weight, bias);
}

/** y·weight + bias, channel by channel. */
function weighted(y: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const perChannel = (t: Tensor) => t.reshape([t.size, ...new Array<number>(y.rank - 2).fill(1)]);
  const scaled = weight ? y.mul(perChannel(weight)) : y;
  return bias ? scaled.add(perChannel(bias)) : scaled;
}

function checkGroups(call: string, groups: number, channels: number, where = ""): void {
  if (!Number.isInteger(groups) || groups < 1)
    throw new RangeError(`${call}: ${groups} groups — must be a whole number, 1 or more`);
  if (channels % groups === 0) return;
  throw new ShapeError(
    `${call}: ${channels} channels${where} in ${groups} groups — the groups must divide the channels evenly`,
  );
}

/**
 * `groupNorm` with a weight and a bias that are learned.
 *
 * Start     weight 1, bias 0, as in PyTorch
 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  constructor(
    numGroups: number,
    numChannels: number,
    options: GroupNormOptions & { readonly affine?: boolean } = {},
  ) {
    const { eps = 1e-5, affine = true } = checked("GroupNorm", options, ["eps", "affine"]);
    super();
    checkNorm("GroupNorm", { eps, channels: numChannels });
    checkGroups("GroupNorm", numGroups, numChannels);
    [this.numGroups, this.numChannels, this.eps] = [numGroups, numChannels, eps];
    this.weight = affine ? new Parameter(ones([numChannels])) : null;
    this.bias = affine ? new Parameter(zeros([numChannels])) : null;
  }

  override forward(x: Tensor): Tensor {
    if (x.rank < 2 || x.shape[1] !== this.numChannels)
      throw new ShapeError(
        `GroupNorm(${this.numGroups}, ${this.numChannels}): expected input [N, ${this.numChannels}, …], got ${show(x.shape)}`,
      );
    return groupNorm(x, this.numGroups, this.weight, this.bias, { eps: this.eps });
  }

  protected override describe(): string {
    return `${this.numGroups}, ${this.numChannels}${this.weight ? "" : ", affine: false"}`;
  }
}

/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends GroupNormOptions {
  /** Whether every image's own statistics are used, and the running ones updated. */
  readonly useInputStats?: boolean;
  /** How much a batch counts in the running statistics. */
  readonly momentum?: number;
}

/**
 * Shifts and scales every channel of every image by itself; `groupNorm` with a group per channel. Running statistics,
 * where they are kept, move towards the mean of the images' own; without `useInputStats` they take their place.
 *
 * Shapes    x [N, C, …]; everything else [C], or null → y as x
 * Throws    ShapeError for channels of a single number, and for operands of another size
 * Source    Ulyanov, Vedaldi & Lempitsky 2016, Instance normalization
 */
export function instanceNorm(
  x: Tensor,
  runningMean: Tensor | null = null,
  runningVar: Tensor | null = null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: InstanceNormOptions = {},
): Tensor {
  const {
    useInputStats = true,
    momentum = 0.1,
    eps = 1e-5,
  } = checked("instanceNorm", options, ["eps", "useInputStats", "momentum"]);
  checkNorm("instanceNorm", { eps, momentum });
  checkNormOperands("instanceNorm", x, { runningMean, runningVar, weight, bias });
  if (!useInputStats) return batchNorm(x, runningMean, runningVar, weight, bias, { eps });
  const [N, C, ...image] = x.shape;
  const pixels = image.reduce((product, n) => product * n, 1);
  if (pixels === 1)
    throw new ShapeError(
      `instanceNorm: input ${show(x.shape)} — one number per channel of an image has no variance; it needs at least two pixels`,
    );
  const operation = new NormalizeRows(eps);
  const y = operation.apply(x.asFloat().reshape(N, C, pixels)).reshape(x.shape);
  if (x.size > 0 && !isRecordingAll()) {
    withRecording("off", () => {
      const { mean, variance } = operation.statistics;
      const average = (t: Tensor) => t.reshape(N, C).mean(0);
      const unbiased = pixels / (pixels - 1);
      runningMean?.assign(runningMean.mul(1 - momentum).add(average(mean).mul(momentum)));
      runningVar?.assign(runningVar.mul(1 - momentum).add(average(variance).mul(momentum * unbiased)));
    });
  }
  return weighted(y, weight, bias);
}

/**
 * `instanceNorm` as a layer for images: x [N, C, H, W]. As in PyTorch, weight and bias and running statistics are off
 * unless asked for; with running statistics, evaluation uses them.
 */
export class InstanceNorm2d extends Module {
  readonly features: number;
  readonly eps: number;
  readonly momentum: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;

  constructor(
    features: number,
    options: Omit<InstanceNormOptions, "useInputStats"> & {
      readonly affine?: boolean;
      readonly trackRunningStats?: boolean;
    } = {},
  ) {
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = false,
      trackRunningStats = false,
    } = checked("InstanceNorm2d", options, ["eps", "momentum", "affine", "trackRunningStats"]);
    super();
    checkNorm("InstanceNorm2d", { eps, momentum, channels: features });
    [this.features, this.eps, this.momentum] = [features, eps, momentum];
    this.weight = affine ? new Parameter(ones([features])) : null;
    this.bias = affine ? new Parameter(zeros([features])) : null;
    this.runningMean = trackRunningStats ? zeros([features]) : null;
    this.runningVar = trackRunningStats ? ones([features]) : null;
  }

  override forward(x: Tensor): Tensor {
    if (x.rank !== 4 || x.shape[1] !== this.features)
      throw new ShapeError(
        `InstanceNorm2d(${this.features}): expected input [N, ${this.features}, H, W], got ${show(x.shape)}`,
      );
    const useInputStats = this.training || this.runningMean === null;
    const options = { useInputStats, momentum: this.momentum, eps: this.eps };
    return instanceNorm(x, this.runningMean, this.runningVar, this.weight, this.bias, options);
  }

  protected override describe(): string {
    const settings = [this.weight && "affine: true", this.runningMean && "trackRunningStats: true"];
    return [String(this.features), ...settings.filter((text) => text !== null)].join(", ");
  }
}
