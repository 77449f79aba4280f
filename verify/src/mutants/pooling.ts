import type { Tensor } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Mutant } from "./mutant.ts";
import { inBackward, inForward, inMethod, inUnary } from "./plant.ts";

const { AveragePool, AveragePoolGrad, BatchNormTraining, MaxPool } = spatial;

type Average = InstanceType<typeof AveragePool>;

/** Every average divided by the largest count there is, whether or not its window lies in the image. */
const fullCounts = ({ windows: [rows, cols], ...grid }: Average["grid"]): Average["grid"] => {
  const counted = ({ table, ...windows }: typeof rows) => {
    const most = Math.max(...table.filter((_, i) => i % 3 === 2));
    return { ...windows, table: table.map((n, i) => (i % 3 === 2 ? most : n)) };
  };
  return { ...grid, windows: [counted(rows), counted(cols)] };
};

/** [C] as [1, C, 1, 1]. */
const perChannel = (t: Tensor, { rank }: Tensor) =>
  t.reshape([1, t.size, ...new Array<number>(rank - 2).fill(1)]);
const others = ({ shape }: Tensor) => shape.flatMap((_, d) => (d === 1 ? [] : [d]));
const countOf = (x: Tensor) => x.size / x.shape[1];

type Layer = InstanceType<typeof nn.BatchNorm1d>;

/** Faults in pooling and batch normalisation: what is counted, where a maximum lay, which statistics take part. */
export const poolingMutants: readonly Mutant[] = [
  inMethod(
    "avgPool2d: every window divided by the full count",
    AveragePool.prototype,
    "forward",
    [{ reference: "pooling" }],
    (right) =>
      function (this: Average, x) {
        const wrong = new AveragePool(fullCounts(this.grid));
        return right.call(wrong, x);
      },
  ),
  inBackward(
    "avgPool2d: gradient divided by the full count",
    AveragePool,
    "adaptiveAvgPool2d",
    ({ g, operation }) => [new AveragePoolGrad(fullCounts((operation as Average).grid)).apply(g)],
  ),
  inUnary("maxPool2d: gradient one pixel off", MaxPool, "maxPool2d", (_, right) => right.pad([1, -1])),
  inUnary("maxPool2d: gradient to every pixel", MaxPool, "maxPool2d", (g, right) =>
    right.mul(0).add(g.size === 0 ? 0 : g.max().item()),
  ),
  inForward("BatchNorm: unbiased variance", BatchNormTraining, "BatchNorm, training", (right, [x, , b]) => {
    const bias = perChannel(b, x);
    return right
      .sub(bias)
      .mul(Math.sqrt((countOf(x) - 1) / countOf(x)))
      .add(bias);
  }),
  inBackward(
    "BatchNorm: statistics taken for constants",
    BatchNormTraining,
    "BatchNorm, training",
    ({ g, gradients: [, ...more], inputs: [x, w], operation }) => {
      const variance = x.var(others(x), { keepDim: true, correction: 0 });
      const scale = variance.add((operation as InstanceType<typeof BatchNormTraining>).eps).rsqrt();
      return [g.mul(perChannel(w, x)).mul(scale), ...more];
    },
  ),
  inBackward(
    "BatchNorm: weight's gradient from x itself",
    BatchNormTraining,
    "BatchNorm, training",
    ({ g, gradients: [dx, , db], inputs: [x] }) => [dx, g.mul(x).sum(others(x)), db],
  ),
  inBackward(
    "BatchNorm and relu: bias gradient passes where relu did not",
    BatchNormTraining,
    "BatchNorm and relu, training",
    ({ g, gradients: [dx, dw], inputs: [x] }) => [dx, dw, g.sum(others(x))],
  ),
  inMethod(
    "BatchNorm: running variance divided by n",
    nn.BatchNorm1d.prototype,
    "normalize",
    [{ reference: "batchNorm" }],
    (right) =>
      function (this: Layer, x, options) {
        const before = this.runningVar?.mul(1 - (this.momentum ?? 0.1));
        const y = right.call(this, x, options);
        if (before && this.runningVar && this.training) {
          const moved = this.runningVar.sub(before).mul((countOf(x) - 1) / countOf(x));
          this.runningVar.assign(before.add(moved));
        }
        return y;
      },
  ),
  inMethod(
    "BatchNorm: running statistics updated in evaluation",
    nn.BatchNorm1d.prototype,
    "normalize",
    [{ reference: "batchNorm" }],
    (right) =>
      function (this: Layer, x, options) {
        const y = right.call(this, x, options);
        if (this.training) return y;
        this.training = true;
        right.call(this, x, options);
        this.training = false;
        return y;
      },
  ),
];
