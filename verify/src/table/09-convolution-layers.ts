import fc from "fast-check";
import type { Tensor } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward } from "../mutants/plant.ts";
import { free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { optionsOf, settings, sizeAfter } from "./inputs/convolution-settings.ts";

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

export const title = "Convolutions as layers";

export const rows: readonly Case[] = [
  free(
    "Conv2d",
    words(
      "y = conv2d(pad(x), weight) + bias",
      "as conv2d, through the padding; bias: Σ g over images and pixels",
    ),
    ["x", "weight", "bias"],
    [nn.Conv2d],
    conv2dLayer(),
    {
      ...sums,
      faults: [
        inBackward("bias gradient is a mean", spatial.Convolution, ({ g, gradients: [dx, dw, db] }) => [
          dx,
          dw,
          ...(db ? [db.div(Math.max(1, g.shape[2] * g.shape[3]))] : []),
        ]),
      ],
    },
  ),
  free(
    "Conv1d",
    words(
      "y[n, o, j] = bias[o] + Σ x[n, c, j·s + l·d − p]·weight[o, c, l] over c, l",
      "as conv2d, of images one pixel high",
    ),
    ["x", "weight", "bias"],
    [nn.Conv1d],
    conv1dLayer(),
    sums,
  ),
  free(
    "ConvTranspose2d",
    words("y = convTranspose2d(x, weight) + bias", "as convTranspose2d; bias: Σ g over images and pixels"),
    ["x", "weight", "bias"],
    [nn.ConvTranspose2d],
    transposedLayer(),
    sums,
  ),
];
