import { defaultRandom } from "../../../00-runtime/index.ts";
import type { Tensor } from "../../../01-tensor/index.ts";
import { batchNorm } from "../../../09-spatial/index.ts";
import { layerNorm, rmsNorm } from "../../../13-transformers/index.ts";
import { float, int, ints, required } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { dimIn, floatOf, hostNumbers, numberIn, shapeOf, sizeIn, tensorOf, type Value } from "../values.ts";

const keep = { keepDim: true } as const;
/** Of the numbers as they are, not of those they were drawn from. */
const population = { keepDim: true, correction: 0 } as const;

/** One number per channel, where the channels are dim 1. */
const perChannel = (t: Tensor, x: Tensor): Tensor => t.reshape([-1, ...x.shape.slice(2).map(() => 1)]);

const from = (first: number, x: Tensor): number[] => x.shape.flatMap((_, d) => (d >= first ? [d] : []));

interface BatchAttributes {
  readonly epsilon: number;
  readonly momentum: number;
  readonly training_mode: number;
}

function batch([x, scale, bias, mean, variance]: readonly Value[], a: BatchAttributes): Tensor | Tensor[] {
  const t = floatOf(x);
  const [weight, shift, running, spread] = [scale, bias, mean, variance].map((value) => floatOf(value, t));
  if (!a.training_mode && t.rank <= 4)
    return batchNorm(t, running, spread, weight, shift, { training: false, eps: a.epsilon });
  const dims = from(0, t).filter((d) => d !== 1);
  const centre = a.training_mode ? t.mean(dims) : running;
  const width = a.training_mode ? t.var(dims, { correction: 0 }) : spread;
  const scaled = weight.div(width.add(a.epsilon).sqrt());
  const y = t.sub(perChannel(centre, t)).mul(perChannel(scaled, t)).add(perChannel(shift, t));
  if (!a.training_mode) return y;
  const next = (old: Tensor, now: Tensor) => old.mul(a.momentum).add(now.mul(1 - a.momentum));
  return [y, next(running, centre), next(spread, width)];
}

function normalized(x: Tensor, dims: number[], epsilon: number): { y: Tensor; mean: Tensor; scale: Tensor } {
  const mean = x.mean(dims, keep);
  const scale = x.var(dims, population).add(epsilon).sqrt().reciprocal();
  return { y: x.sub(mean).mul(scale), mean, scale };
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, d) => n === b[d]);

function layer(
  [x, scale, bias]: readonly Value[],
  axis: number,
  epsilon: number,
  outputs: number,
): Tensor | Tensor[] {
  const t = floatOf(x);
  const first = dimIn(axis, t.rank);
  const [weight, shift] = [floatOf(scale, t), bias ? floatOf(bias, t) : null];
  const shape = t.shape.slice(first);
  const fits = sameShape(weight.shape, shape) && (!shift || sameShape(shift.shape, shape));
  if (outputs === 1 && fits) return layerNorm(t, shape, weight, shift, { eps: epsilon });
  const { y, mean, scale: factor } = normalized(t, from(first, t), epsilon);
  const scaled = y.mul(weight);
  return [shift ? scaled.add(shift) : scaled, mean, factor];
}

/** Channels in groups that are normalised together; before opset 21 scale and bias are one per group. */
function grouped(
  [x, scale, bias]: readonly Value[],
  groups: number,
  epsilon: number,
  perGroup: boolean,
): Tensor {
  const t = floatOf(x);
  const [N, C] = t.shape;
  const { y } = normalized(t.reshape([N, groups, -1]), [2], epsilon);
  const [weight, shift] = [scale, bias].map((value) => {
    const one = floatOf(value, t);
    return perGroup
      ? one
          .unsqueeze(1)
          .expand([groups, C / groups])
          .reshape([C])
      : one;
  });
  return y.reshape(t.shape).mul(perChannel(weight, t)).add(perChannel(shift, t));
}

/** Across channels: each is divided by what its neighbours hold. */
function localResponse(
  x: Tensor,
  { alpha, beta, bias, size }: { alpha: number; beta: number; bias: number; size: number },
): Tensor {
  const before = Math.floor((size - 1) / 2);
  const padding = [...x.shape.slice(2).flatMap(() => [0, 0]), before, size - 1 - before];
  const squares = x.square().pad(padding);
  const C = x.shape[1];
  const sums = Array.from({ length: size }, (_, i) => squares.narrow(1, i, C)).reduce((sum, part) =>
    sum.add(part),
  );
  return x.div(
    sums
      .mul(alpha / size)
      .add(bias)
      .pow(beta),
  );
}

/** The file says whether a mask is drawn; the rest is enlarged by as much as is lost. */
function dropped(x: Value, ratio: number): Value[] {
  const shape = shapeOf(x);
  const kept = Uint8Array.from({ length: sizeIn(shape) }, () =>
    Number(ratio === 0 || defaultRandom.uniform() >= ratio),
  );
  const mask = hostNumbers("bool", shape, kept);
  if (ratio === 0) return [x, mask];
  const t = floatOf(x);
  return [t.mul(tensorOf(mask)).div(1 - ratio), mask];
}

/** Normalisations, and dropout. */
export const normalization: Family = {
  BatchNormalization: [
    op(
      7,
      "X scale B input_mean= input_var=",
      { epsilon: float(1e-5), momentum: float(0.9), spatial: int(1) },
      (x, a) => batch(x, { ...a, training_mode: 0 }),
    ),
    op(
      14,
      "X scale B input_mean= input_var=",
      { epsilon: float(1e-5), momentum: float(0.9), training_mode: int(0) },
      (x, a) => batch(x, a),
    ),
  ],
  InstanceNormalization: [
    op(6, "input scale B", { epsilon: float(1e-5) }, ([x, scale, bias], { epsilon }) => {
      const t = floatOf(x);
      const { y } = normalized(t, from(2, t), epsilon);
      return y.mul(perChannel(floatOf(scale, t), t)).add(perChannel(floatOf(bias, t), t));
    }),
  ],
  LayerNormalization: [
    op(17, "X Scale B?", { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) }, (x, a, { outputs }) =>
      layer(x, a.axis, a.epsilon, outputs),
    ),
  ],
  GroupNormalization: [
    op(18, "X scale bias", { epsilon: float(1e-5), num_groups: required(int()) }, (x, a) =>
      grouped(x, a.num_groups, a.epsilon, true),
    ),
    op(
      21,
      "X scale bias",
      { epsilon: float(1e-5), num_groups: required(int()), stash_type: int(1) },
      (x, a) => grouped(x, a.num_groups, a.epsilon, false),
    ),
  ],
  RMSNormalization: [
    op(23, "X scale", { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) }, ([x, scale], a) => {
      const t = floatOf(x);
      const shape = t.shape.slice(dimIn(a.axis, t.rank));
      const weight = floatOf(scale, t);
      return sameShape(weight.shape, shape)
        ? rmsNorm(t, shape, weight, { eps: a.epsilon })
        : rmsNorm(t, shape, null, { eps: a.epsilon }).mul(weight);
    }),
  ],
  MeanVarianceNormalization: [
    op(9, "X", { axes: ints([0, 2, 3]) }, ([x], { axes }) => {
      const t = floatOf(x);
      const dims = [...axes];
      return t.sub(t.mean(dims, keep)).div(t.var(dims, population).sqrt().add(1e-9));
    }),
  ],
  LpNormalization: [
    op(1, "input", { axis: int(-1), p: int(2) }, ([x], { axis, p }) => {
      const t = floatOf(x);
      return t.div(t.norm(axis, { p, keepDim: true }));
    }),
  ],
  Dropout: [
    op(1, "data", { ratio: float(0.5) }, ([x]) => dropped(x, 0)),
    op(12, "data ratio?= training_mode?=", { seed: int() }, ([x, ratio, training]) =>
      dropped(x, training && numberIn(training) ? (ratio ? numberIn(ratio) : 0.5) : 0),
    ),
  ],
  LRN: [
    op(1, "X", { alpha: float(1e-4), beta: float(0.75), bias: float(1), size: required(int()) }, ([x], a) =>
      localResponse(floatOf(x), a),
    ),
  ],
};
