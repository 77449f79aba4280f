import fc from "fast-check";
import { grad, ones, tensor, zeros } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { recordAll } from "tensorgrad/runtime";
import type { Example } from "../gradients/evaluate.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, exact, free, reduction, typed } from "./case.ts";
import { type Domain, distinct, positive } from "./domains.ts";

const pairs = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })) as fc.Arbitrary<[number, number]>;

/** Everything that a sliding window can be told, and an image in which it has room. */
const settings = fc
  .record({
    batch: fc.integer({ min: 0, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
    kernelSize: pairs(1, 3),
    stride: pairs(1, 3),
    dilation: pairs(1, 2),
    half: fc.tuple(fc.boolean(), fc.boolean()),
    ceilMode: fc.boolean(),
    room: pairs(0, 3),
  })
  .map(({ half, room, ...drawn }) => {
    const padding = drawn.kernelSize.map((k, d) => (half[d] ? Math.floor(k / 2) : 0)) as [number, number];
    // One pixel of every window at least is in the image, even where its pixels lie apart.
    const image = [0, 1].map((d) => {
      const span = drawn.dilation[d] * (drawn.kernelSize[d] - 1) + 1;
      return Math.max(1, span - padding[d] + room[d]);
    });
    return { ...drawn, padding, image };
  });

/** Images in any order, channels in any order: they come out in the same. */
const orders = [
  { inputs: [0], output: 0 },
  { inputs: [1], output: 1 },
];

function maxPooling(): fc.Arbitrary<Example> {
  return settings.chain(({ batch, channels, image, kernelSize, ...options }) =>
    tensors({ shape: [batch, channels, ...image], domain: distinct }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ kernelSize, ...options }),
        symmetries: orders,
        run: (x) => new nn.MaxPool2d(kernelSize, options).forward(x),
      }),
    ),
  );
}

/** The gradient as an operation of its own, for images that stay as they are. */
function gradientsOfMaxPooling(): fc.Arbitrary<Example> {
  return settings.chain(({ batch, channels, image, kernelSize, ...options }) =>
    tensors({ shape: [batch, channels, ...image], domain: distinct }).chain((images) => {
      const { shape } = nn.maxPool2d(images, kernelSize, options);
      return tensors({ shape }).map(
        (g): Example => ({
          inputs: [g],
          options: typed({ kernelSize, ...options }),
          run: (g) =>
            recordAll(() => {
              const x = images.to(g.dtype).detach();
              x.requiresGrad = true;
              const y = nn.maxPool2d(x, kernelSize, options);
              return grad(y, [x], { gradOutputs: g, createGraph: true })[0];
            }),
        }),
      );
    }),
  );
}

function maxPoolingOfLines(): fc.Arbitrary<Example> {
  return settings.chain(({ batch, channels, image, kernelSize: [, kernelSize], ...given }) => {
    const { stride, padding, dilation, ceilMode } = given;
    const options = { stride: stride[1], padding: padding[1], dilation: dilation[1], ceilMode };
    return tensors({ shape: [batch, channels, image[1]], domain: distinct }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ kernelSize, ...options }),
        symmetries: orders,
        run: (x) => new nn.MaxPool1d(kernelSize, options).forward(x),
      }),
    );
  });
}

function averagePooling(): fc.Arbitrary<Example> {
  const more = fc.record({
    countIncludePad: fc.boolean(),
    divisorOverride: fc.constantFrom(undefined, undefined, 3),
  });
  return fc.tuple(settings, more).chain(([s, { countIncludePad, divisorOverride }]) => {
    const { batch, channels, image, kernelSize, stride, padding, ceilMode } = s;
    const options = {
      stride,
      padding,
      ceilMode,
      countIncludePad,
      ...(divisorOverride !== undefined && { divisorOverride }),
    };
    return tensors({ shape: [batch, channels, ...image] }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ kernelSize, ...options }),
        symmetries: orders,
        run: (x) => new nn.AvgPool2d(kernelSize, options).forward(x),
      }),
    );
  });
}

function adaptivePooling(
  domain: Domain | undefined,
  layer: (outputSize: [number, number]) => nn.Module,
): fc.Arbitrary<Example> {
  const sizes = fc.record({
    batch: fc.integer({ min: 0, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
  });
  return fc.tuple(sizes, pairs(1, 5), pairs(1, 4)).chain(([{ batch, channels }, image, outputSize]) =>
    tensors({ shape: [batch, channels, ...image], ...(domain && { domain }) }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ outputSize }),
        symmetries: orders,
        run: (x) => layer(outputSize).forward(x),
      }),
    ),
  );
}

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

const { AveragePool, AveragePoolGrad, BatchNormEval, BatchNormTraining, MaxPool, MaxPoolGrad, MaxPoolTake } =
  spatial;
const norm = ["x", "weight", "bias"];

export const poolingRows: Case[] = [
  free("maxPool2d", ["x"], [MaxPool, MaxPoolGrad, nn.MaxPool2d], maxPooling(), { onnx: exact }),
  free("maxPool1d", ["x"], [nn.MaxPool1d], maxPoolingOfLines(), { onnx: exact }),
  free(
    "adaptiveMaxPool2d",
    ["x"],
    [nn.AdaptiveMaxPool2d],
    adaptivePooling(distinct, (n) => new nn.AdaptiveMaxPool2d(n)),
    {
      onnx: exact,
    },
  ),
  free("avgPool2d", ["x"], [AveragePool, AveragePoolGrad, nn.AvgPool2d], averagePooling(), {
    onnx: reduction,
    linear: "jointly",
  }),
  free(
    "adaptiveAvgPool2d",
    ["x"],
    [nn.AdaptiveAvgPool2d],
    adaptivePooling(undefined, (n) => new nn.AdaptiveAvgPool2d(n)),
    {
      onnx: reduction,
      linear: "jointly",
    },
  ),
  free("maxPool2d's gradient", ["g"], [MaxPoolGrad, MaxPoolTake], gradientsOfMaxPooling(), {
    onnx: reduction,
    linear: "jointly",
  }),
  free(
    "BatchNorm, training",
    norm,
    [BatchNormTraining, nn.BatchNorm1d, nn.BatchNorm2d],
    batchNorm(true, false),
    {
      onnx: reduction,
    },
  ),
  free("BatchNorm, evaluation", norm, [BatchNormEval], batchNorm(false, false), { onnx: reduction }),
  free("BatchNorm and relu, training", norm, [BatchNormTraining], batchNorm(true, true), { onnx: reduction }),
  free("BatchNorm and relu, evaluation", norm, [BatchNormEval], batchNorm(false, true), { onnx: reduction }),
];
