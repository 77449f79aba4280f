import fc from "fast-check";
import { ones, type Tensor, tensor, zeros } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward, inMethod } from "../mutants/plant.ts";
import { normals, type Reference, sum } from "../references/reference.ts";
import { free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { pairs } from "./inputs/convolution-settings.ts";
import { distinct, positive } from "./inputs/domains.ts";

/** Exact in float32, as the attribute of an ONNX node is; and large enough that equal numbers stay smooth. */
const epsilons = [2 ** -4, 1];

/** A layer whose parameters and statistics are inputs like any other. */
function batchNorm(training: boolean, relu: boolean): fc.Arbitrary<Example> {
  const shape = fc
    .record({
      batch: fc.integer({ min: training ? 2 : 1, max: 4 }),
      channels: fc.integer({ min: 1, max: 4 }),
      rest: fc.constantFrom([], [3], [2, 2], [1, 3]),
    })
    .map(({ batch, channels, rest }) => [batch, channels, ...rest]);
  return fc.tuple(shape, fc.constantFrom(...epsilons)).chain(([shape, eps]) => {
    const perChannel = { shape: [shape[1]] };
    const drawn = [
      tensors({ shape, ...(relu && { domain: distinct }) }),
      tensors(perChannel),
      tensors(perChannel),
      ...(training ? [] : [tensors({ ...perChannel, domain: positive })]),
    ];
    return fc.tuple(...drawn).map(
      (inputs): Example => ({
        inputs: inputs.slice(0, 3),
        options: typed({ eps }),
        symmetries: [
          { inputs: [0, null, null], output: 0 },
          ...(training ? [{ inputs: [1, 0, 0], output: 1 }] : []), // statistics stay where they are otherwise
        ],
        run: (x, weight, bias) => {
          const layer = new (shape.length === 4 ? nn.BatchNorm2d : nn.BatchNorm1d)(shape[1], { eps });
          const { dtype } = x;
          Object.assign(layer, { weight, bias });
          Object.assign(layer, {
            runningMean: zeros([shape[1]], { dtype }).add(0.25),
            runningVar: training ? ones([shape[1]], { dtype }) : inputs[3].to(dtype),
            numBatchesTracked: tensor(0, { dtype: "int32" }),
          });
          return layer.train(training).normalize(x, { relu });
        },
      }),
    );
  });
}

/** Channels side by side, and windows that tile the image: one pass over memory. */
function pooledBatchNorm(training: boolean): fc.Arbitrary<Example> {
  const sizes = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 2, max: 4 }),
    outputs: pairs(1, 2),
    kernelSize: pairs(1, 2).filter(([h, w]) => h * w > 1),
    eps: fc.constantFrom(...epsilons),
  });
  return sizes.chain(({ batch, channels, outputs, kernelSize, eps }) => {
    const shape = [batch, ...outputs.map((n, d) => n * kernelSize[d]), channels]; // [N, H, W, C]
    const perChannel = tensors({ shape: [channels] });
    return fc.tuple(tensors({ shape, domain: distinct }), perChannel, perChannel).map(
      (inputs): Example => ({
        inputs,
        options: typed({ kernelSize, eps }),
        symmetries: [{ inputs: [0, null, null], output: 0 }],
        run: (x, weight, bias) => {
          const { dtype } = x;
          const layer = new nn.BatchNorm2d(channels, { eps });
          Object.assign(layer, { weight, bias });
          Object.assign(layer, {
            runningMean: zeros([channels], { dtype }).add(0.25),
            runningVar: ones([channels], { dtype }),
          });
          const images = x.clone().permute(0, 3, 1, 2);
          return layer.train(training).normalize(images, { relu: true, pool: { kernelSize } });
        },
      }),
    );
  });
}

/** Statistics of the batch, the variance divided by n; the running ones by n − 1, and only in training. */
const statistics: Reference = (random) => {
  const [n, channels] = [3 + random.integer(4), 2];
  const x = normals(random, [n, channels]);
  const layer = new nn.BatchNorm1d(channels, { momentum: 0.25 });
  layer.to("float64");
  const of = (c: number) => Array.from({ length: n }, (_, i) => x.data[i * channels + c]);
  const means = [0, 1].map((c) => sum(of(c)) / n);
  const squares = [0, 1].map((c) => sum(of(c).map((value) => (value - means[c]) ** 2)));
  const expected = Array.from(x.data, (value, i) => {
    const c = i % channels;
    return (value - means[c]) / Math.sqrt(squares[c] / n + 1e-5);
  });
  const y = layer.forward(x);
  const mean = means.map((m) => 0.25 * m);
  const variance = squares.map((q) => 0.75 + (0.25 * q) / (n - 1));
  const later = Array.from(x.data, (value, i) => {
    const c = i % channels;
    return (value - mean[c]) / Math.sqrt(variance[c] + 1e-5);
  });
  return (
    differs("BatchNorm1d, training", y, expected) ??
    differs("running mean", layer.runningMean as Tensor, mean) ??
    differs("running variance", layer.runningVar as Tensor, variance) ??
    differs("BatchNorm1d, evaluation", layer.eval().forward(x), later) ??
    differs("running mean after evaluation", layer.runningMean as Tensor, mean) ??
    differs("running variance after evaluation", layer.runningVar as Tensor, variance)
  );
};

/** [C] as [1, C, 1, 1]. */
const perChannel = (t: Tensor, { rank }: Tensor) =>
  t.reshape([1, t.size, ...new Array<number>(rank - 2).fill(1)]);
const others = ({ shape }: Tensor) => shape.flatMap((_, d) => (d === 1 ? [] : [d]));
const countOf = (x: Tensor) => x.size / x.shape[1];

type Layer = InstanceType<typeof nn.BatchNorm1d>;

const { BatchNormEval, BatchNormTraining } = spatial;
const norm = ["x", "weight", "bias"];
const NORMALIZED = "y = x̂·weight + bias, x̂ = (x − mean)/√(var + eps) per channel";

export const title = "Batch normalisation";

export const rows: readonly Case[] = [
  free(
    "BatchNorm, training",
    words(
      `${NORMALIZED}, of this batch`,
      "x: (h − mean h − x̂·mean (h·x̂))/√(var + eps), h = g·weight; weight: Σ g·x̂; bias: Σ g",
    ),
    norm,
    [BatchNormTraining, nn.BatchNorm1d, nn.BatchNorm2d],
    batchNorm(true, false),
    {
      onnx: reduction,
      reference: statistics,
      faults: [
        inForward("unbiased variance", BatchNormTraining, (right, [x, , b]) => {
          const bias = perChannel(b, x);
          return right
            .sub(bias)
            .mul(Math.sqrt((countOf(x) - 1) / countOf(x)))
            .add(bias);
        }),
        inBackward(
          "statistics taken for constants",
          BatchNormTraining,
          ({ g, gradients: [, ...more], inputs: [x, w], operation }) => {
            const variance = x.var(others(x), { keepDim: true, correction: 0 });
            const scale = variance.add((operation as InstanceType<typeof BatchNormTraining>).eps).rsqrt();
            return [g.mul(perChannel(w, x)).mul(scale), ...more];
          },
        ),
        inBackward(
          "weight's gradient from x itself",
          BatchNormTraining,
          ({ g, gradients: [dx, , db], inputs: [x] }) => [dx, g.mul(x).sum(others(x)), db],
        ),
        inMethod(
          "running variance divided by n",
          nn.BatchNorm1d.prototype,
          "normalize",
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
          "reference",
        ),
        inMethod(
          "running statistics updated in evaluation",
          nn.BatchNorm1d.prototype,
          "normalize",
          (right) =>
            function (this: Layer, x, options) {
              const y = right.call(this, x, options);
              if (this.training) return y;
              this.training = true;
              right.call(this, x, options);
              this.training = false;
              return y;
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "BatchNorm, evaluation",
    words(
      `${NORMALIZED}, of the batches seen in training`,
      "x: g·weight/√(var + eps); weight: Σ g·x̂; bias: Σ g",
    ),
    norm,
    [BatchNormEval],
    batchNorm(false, false),
    { onnx: reduction },
  ),
  free(
    "BatchNorm and relu, training",
    words("y = max(BatchNorm(x), 0)", "as BatchNorm, of g where y > 0, else 0"),
    norm,
    [BatchNormTraining],
    batchNorm(true, true),
    {
      onnx: reduction,
      faults: [
        inBackward(
          "bias gradient passes where relu did not",
          BatchNormTraining,
          ({ g, gradients: [dx, dw], inputs: [x] }) => [dx, dw, g.sum(others(x))],
        ),
      ],
    },
  ),
  free(
    "BatchNorm and relu, evaluation",
    words("y = max(BatchNorm(x), 0)", "as BatchNorm, of g where y > 0, else 0"),
    norm,
    [BatchNormEval],
    batchNorm(false, true),
    { onnx: reduction },
  ),
  ...[true, false].map((training) =>
    free(
      `BatchNorm, relu and pooling, ${training ? "training" : "evaluation"}`,
      words("y = the largest max(BatchNorm(x), 0) of every window", "as BatchNorm, of g where its pixel won"),
      norm,
      [training ? BatchNormTraining : BatchNormEval],
      pooledBatchNorm(training),
      {
        onnx: reduction,
        faults: [
          inBackward(
            "gradient one pixel off",
            training ? BatchNormTraining : BatchNormEval,
            ({ gradients: [dx, ...more] }) => [dx?.pad([1, -1]) ?? null, ...more],
          ),
        ],
      },
    ),
  ),
];
