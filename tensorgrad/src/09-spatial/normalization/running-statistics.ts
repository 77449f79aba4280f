import { isRecordingAll, type Tensor, withRecording } from "../../01-tensor/index.ts";
import { relu as positive } from "../../02-activations/index.ts";
import { maxPool2d } from "../pooling/pool.ts";
import type { BatchNormOptions } from "./batch-norm-layers.ts";

/** Of every channel, and over how many numbers of each they were taken. */
export interface Statistics {
  readonly mean: Tensor;
  /** Divided by the number, not by one less. */
  readonly variance: Tensor;
}

/** Statistics of a batch that others have a part of: differentiable, through the parts of all. */
export type SharedStatistics = (x: Tensor) => Statistics & { readonly count: number };

interface Running {
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}

/** Moves the running statistics towards those of a batch. Who only looks at the operations (an exporter) changes none. */
export function track(
  { mean, variance }: Statistics,
  { runningMean, runningVar }: Running,
  momentum: number,
  count: number,
): void {
  if (isRecordingAll()) return;
  const unbiased = count / (count - 1);
  withRecording("off", () => {
    runningMean?.assign(runningMean.mul(1 - momentum).add(mean.mul(momentum)));
    runningVar?.assign(runningVar.mul(1 - momentum).add(variance.mul(momentum * unbiased)));
  });
}

interface Layer extends Running {
  readonly eps: number;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

/** Batch normalisation by statistics that others have a part in; spelled out, so that the gradient reaches the others, too. */
export function normalizeByAll(
  x: Tensor,
  { weight, bias, eps, ...running }: Layer,
  shared: SharedStatistics,
  { momentum = 0.1, relu = false, pool = null }: BatchNormOptions,
): Tensor {
  const perChannel = (t: Tensor) => t.reshape([1, x.shape[1], ...Array<number>(x.rank - 2).fill(1)]);
  const { mean, variance, count } = shared(x);
  if (count > 1) track({ mean, variance }, running, momentum, count);
  let y = x.sub(perChannel(mean)).mul(perChannel(variance.add(eps).rsqrt()));
  if (weight) y = y.mul(perChannel(weight));
  if (bias) y = y.add(perChannel(bias));
  if (relu) y = positive(y);
  return pool ? maxPool2d(y, pool.kernelSize, pool.options) : y;
}
