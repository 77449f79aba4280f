import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example, Symmetry } from "../gradients/evaluate.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, free, reduction, typed } from "./case.ts";

const pairs = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })) as fc.Arbitrary<[number, number]>;

/** Everything that a convolution can be told, and an image in which its filter has room. */
const settings = fc
  .record({
    N: fc.integer({ min: 0, max: 2 }),
    groups: fc.constantFrom(1, 1, 2, 3),
    inputs: fc.integer({ min: 1, max: 2 }),
    outputs: fc.integer({ min: 1, max: 2 }),
    kernel: pairs(1, 3),
    stride: pairs(1, 3),
    dilation: pairs(1, 2),
    padding: pairs(0, 2),
    room: pairs(0, 3),
  })
  .map((drawn) => {
    const { kernel, dilation, padding, room } = drawn;
    const image = [0, 1].map((d) =>
      Math.max(1, dilation[d] * (kernel[d] - 1) + 1 - 2 * padding[d] + room[d]),
    );
    return { ...drawn, image };
  });

type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;

const optionsOf = ({ stride, padding, dilation, groups }: Settings) => ({
  stride,
  padding,
  dilation,
  groups,
});

/** Images may stand in any order; so may filters, and channels together with those of the filters, where all see all. */
const orders = ({ groups }: Settings, operands: number): Symmetry[] => {
  const dims = (...given: (number | null)[]) => [...given, null].slice(0, operands);
  return [
    { inputs: dims(0, null), output: 0 },
    ...(groups === 1 ? [{ inputs: dims(1, 1), output: null }] : []),
  ];
};

function convolutions(): fc.Arbitrary<Example> {
  return settings.chain((s) =>
    fc
      .tuple(
        tensors({ shape: [s.N, s.inputs * s.groups, ...s.image] }),
        tensors({ shape: [s.outputs * s.groups, s.inputs, ...s.kernel] }),
      )
      .map(
        (drawn): Example => ({
          inputs: drawn,
          options: typed(optionsOf(s)),
          symmetries: orders(s, 2),
          run: (x, w) => nn.conv2d(x, w, null, optionsOf(s)),
        }),
      ),
  );
}

function transposedConvolutions(): fc.Arbitrary<Example> {
  return settings
    .filter((s) => [0, 1].every((d) => sizeAfter(s, d) >= 1))
    .chain((s) =>
      fc
        .tuple(
          tensors({ shape: [s.N, s.inputs * s.groups, ...s.image] }),
          tensors({ shape: [s.inputs * s.groups, s.outputs, ...s.kernel] }),
        )
        .map((drawn): Example => {
          const outputPadding = s.room.map((n, d) =>
            Math.min(n, Math.max(s.stride[d], s.dilation[d]) - 1),
          ) as [number, number];
          const options = { ...optionsOf(s), outputPadding };
          return {
            inputs: drawn,
            options: typed(options),
            run: (x, w) => nn.convTranspose2d(x, w, null, options),
          };
        }),
    );
}

/** Of a transposed convolution, without outputPadding. */
const sizeAfter = ({ image, stride, padding, dilation, kernel }: Settings, d: number) =>
  (image[d] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel[d] - 1) + 1;

/** The gradient of filters, as an operation of its own: images and gradients. */
function filterGradients(): fc.Arbitrary<Example> {
  return settings.chain((s) => {
    const { image, kernel, stride, padding, dilation, groups } = s;
    const size = [0, 1].map(
      (d) => Math.floor((image[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1,
    );
    return fc
      .tuple(
        tensors({ shape: [s.N, s.inputs * groups, ...image] }),
        tensors({ shape: [s.N, s.outputs * groups, ...size] }),
      )
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ ...optionsOf(s), kernel }),
          symmetries: [{ inputs: [0, 0], output: null }],
          run: (x, g) =>
            new spatial.ConvolutionWeight({ stride, padding, dilation, groups }, kernel).apply(x, g),
        }),
      );
  });
}

/** A layer whose parameters are inputs like any other. */
const layer = (module: nn.Module, [weight, bias]: Tensor[], x: Tensor): Tensor =>
  Object.assign(module, { weight, ...(bias && { bias }) }).forward(x);

const paddingModes = ["zeros", "reflect", "replicate", "circular"] as const;

function conv2dLayer(): fc.Arbitrary<Example> {
  const more = fc.record({
    bias: fc.boolean(),
    paddingMode: fc.constantFrom(...paddingModes),
    same: fc.boolean(),
  });
  return fc.tuple(settings, more).chain(([s, { bias, paddingMode, same }]) => {
    // A mirror shows at most what there is: images larger than their padding.
    const image = s.image.map((n, d) => Math.max(n, 1 + s.padding[d], 1 + s.dilation[d] * (s.kernel[d] - 1)));
    const options = {
      ...optionsOf(s),
      ...(same && { padding: "same" as const, stride: 1 }),
      paddingMode,
      bias,
    };
    const [inputs, outputs] = [s.inputs * s.groups, s.outputs * s.groups];
    return fc
      .tuple(
        tensors({ shape: [s.N, inputs, ...image] }),
        tensors({ shape: [outputs, s.inputs, ...s.kernel] }),
        ...(bias ? [tensors({ shape: [outputs] })] : []),
      )
      .map(
        (drawn): Example => ({
          inputs: drawn,
          options: typed(options),
          run: (x, ...parameters) => layer(new nn.Conv2d(inputs, outputs, s.kernel, options), parameters, x),
        }),
      );
  });
}

function conv1dLayer(): fc.Arbitrary<Example> {
  return fc
    .tuple(settings, fc.boolean(), fc.constantFrom(...paddingModes))
    .chain(([s, bias, paddingMode]) => {
      const length = Math.max(s.image[0], 1 + s.padding[0]);
      const options = {
        ...{ stride: s.stride[0], padding: s.padding[0], dilation: s.dilation[0], groups: s.groups },
        ...{ paddingMode, bias },
      };
      const [inputs, outputs] = [s.inputs * s.groups, s.outputs * s.groups];
      return fc
        .tuple(
          tensors({ shape: [s.N, inputs, length] }),
          tensors({ shape: [outputs, s.inputs, s.kernel[0]] }),
          ...(bias ? [tensors({ shape: [outputs] })] : []),
        )
        .map(
          (drawn): Example => ({
            inputs: drawn,
            options: typed(options),
            run: (x, ...parameters) =>
              layer(new nn.Conv1d(inputs, outputs, s.kernel[0], options), parameters, x),
          }),
        );
    });
}

function transposedLayer(): fc.Arbitrary<Example> {
  return fc
    .tuple(settings, fc.boolean())
    .filter(([s]) => [0, 1].every((d) => sizeAfter(s, d) >= 1))
    .chain(([s, bias]) => {
      const [inputs, outputs] = [s.inputs * s.groups, s.outputs * s.groups];
      const options = { ...optionsOf(s), bias };
      return fc
        .tuple(
          tensors({ shape: [s.N, inputs, ...s.image] }),
          tensors({ shape: [inputs, s.outputs, ...s.kernel] }),
          ...(bias ? [tensors({ shape: [outputs] })] : []),
        )
        .map(
          (drawn): Example => ({
            inputs: drawn,
            options: typed(options),
            run: (x, ...parameters) =>
              layer(new nn.ConvTranspose2d(inputs, outputs, s.kernel, options), parameters, x),
          }),
        );
    });
}

const sums = { onnx: reduction } as const;
const products = { ...sums, linear: "each" } as const;
const { Convolution, ConvolutionTransposed, ConvolutionWeight } = spatial;

export const spatialRows: Case[] = [
  free("conv2d", ["x", "weight"], [Convolution, ConvolutionTransposed], convolutions(), products),
  free("convTranspose2d", ["x", "weight"], [ConvolutionTransposed], transposedConvolutions(), products),
  free("conv2d's filter gradient", ["x", "g"], [ConvolutionWeight], filterGradients(), products),
  free("Conv2d", ["x", "weight", "bias"], [nn.Conv2d], conv2dLayer(), sums),
  free("Conv1d", ["x", "weight", "bias"], [nn.Conv1d], conv1dLayer(), sums),
  free("ConvTranspose2d", ["x", "weight", "bias"], [nn.ConvTranspose2d], transposedLayer(), sums),
];
