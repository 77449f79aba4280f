import fc from "fast-check";
import { scope, stack, type Tensor } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example, Symmetry } from "../gradients/evaluate.ts";
import { inBackward, inForward } from "../mutants/plant.ts";
import { free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { optionsOf, type Settings, settings, sizeAfter } from "./inputs/convolution-settings.ts";

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

/** Images of few channels, which are read channel by channel, and of as many as Winograd's transforms want. */
/** Does one pixel of every window of 2×2 win by a margin? Else a small step makes another win. */
function clearWinners(inputs: readonly Tensor[]): boolean {
  using _ = scope();
  const [x, weight, bias] = inputs;
  const y = nn.conv2d(x, weight, bias, { padding: 1 });
  const pixels = stack(
    [0, 1].flatMap((i) => [0, 1].map((j) => y.slice(2, i, y.shape[2], 2).slice(3, j, y.shape[3], 2))),
  );
  const [first, second] = pixels.topk(2, 0).values.split(1, 0);
  return first.sub(second).min().item() > 1 / 4;
}

function pooledConvolutions(): fc.Arbitrary<Example> {
  const half = fc.integer({ min: 1, max: 2 });
  const sizes = fc.record({ N: fc.constant(1), C: fc.constantFrom(1, 3, 8), h: half, w: half });
  return sizes.chain(({ N, C, h, w }) => {
    const size = [2 * h, 2 * w];
    const geometry = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
    const drawn = [tensors({ shape: [N, C, ...size] }), tensors({ shape: [8, C, 3, 3] })] as const;
    return fc
      .tuple(...drawn, tensors({ shape: [8] }))
      .filter(clearWinners)
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ padding: 1 }),
          run: (x, weight, bias) => new PooledConvolution(geometry, size).apply(x, weight, bias),
        }),
      );
  });
}

const sums = { onnx: reduction } as const;
const products = { ...sums, linear: "each" } as const;
const { Convolution, ConvolutionTransposed, ConvolutionWeight, PooledConvolution } = spatial;

type Geometry = InstanceType<typeof Convolution>["geometry"];

/** The gradients of a convolution, computed with another geometry. */
const withGeometry =
  (change: (geometry: Geometry) => Geometry): Parameters<typeof inBackward>[2] =>
  ({ g, operation, inputs: [x, w] }) => {
    const geometry = change((operation as InstanceType<typeof Convolution>).geometry);
    return [
      new ConvolutionTransposed(geometry, x.shape.slice(2)).apply(g, w),
      new ConvolutionWeight(geometry, w.shape.slice(2)).apply(x, g),
    ];
  };

export const title = "Convolutions";

export const rows: readonly Case[] = [
  free(
    "conv2d",
    words(
      "y[n, o, i, j] = Σ x[n, c, i·s + k·d − p, j·s + l·d − p]·weight[o, c, k, l] over c, k, l",
      "x: g spread over the pixels that its filter saw; weight: x correlated with g",
    ),
    ["x", "weight"],
    [Convolution, ConvolutionTransposed],
    convolutions(),
    {
      ...products,
      faults: [
        inBackward(
          "gradients one pixel off",
          Convolution,
          withGeometry((geometry) => ({
            ...geometry,
            padding: [geometry.padding[0], geometry.padding[1] + 1],
          })),
        ),
        inBackward(
          "gradients with stride and dilation swapped",
          Convolution,
          withGeometry((geometry) => ({ ...geometry, stride: geometry.dilation, dilation: geometry.stride })),
        ),
        inForward("padding one pixel off", Convolution, (right) => right.pad([1, -1])),
        inForward("image turned round, as a filter never was", Convolution, (right) => right.flip([2, 3])),
        inBackward(
          "input gradient with the filter turned round",
          Convolution,
          ({ g, operation, inputs: [x, w], gradients: [, dw] }) => {
            const { geometry } = operation as InstanceType<typeof Convolution>;
            return [new ConvolutionTransposed(geometry, x.shape.slice(2)).apply(g, w.flip([2, 3])), dw];
          },
        ),
        inBackward("groups in the wrong order", Convolution, ({ gradients: [dx, dw], operation }) => {
          const { groups } = (operation as InstanceType<typeof Convolution>).geometry;
          return [groups > 1 && dx ? dx.flip(1) : dx, dw];
        }),
      ],
    },
  ),
  free(
    "convTranspose2d",
    words(
      "y[n, o, i·s + k·d − p, j·s + l·d − p] = Σ x[n, c, i, j]·weight[c, o, k, l]",
      "x: g correlated with weight; weight: g correlated with x",
    ),
    ["x", "weight"],
    [ConvolutionTransposed],
    transposedConvolutions(),
    {
      ...products,
      faults: [
        inBackward("filters' gradient turned round", ConvolutionTransposed, ({ gradients: [dg, dw] }) => [
          dg,
          dw?.flip([2, 3]) ?? null,
        ]),
      ],
    },
  ),
  free(
    "conv2d's filter gradient",
    words(
      "y[o, c, k, l] = Σ g[n, o, i, j]·x[n, c, i·s + k·d − p, j·s + l·d − p] over n, i, j",
      "x: g spread with y's gradient as filter; g: x correlated with it",
    ),
    ["x", "g"],
    [ConvolutionWeight],
    filterGradients(),
    {
      ...products,
      faults: [
        inBackward("not differentiable again", ConvolutionWeight, ({ gradients }) =>
          gradients.map((gradient) => gradient?.detach() ?? null),
        ),
      ],
    },
  ),
  free(
    "conv2d and maxPool2d in one pass",
    words(
      "y[n, o, i, j] = the largest of conv2d(x)[n, o, 2i … 2i + 1, 2j … 2j + 1]",
      "that of conv2d, of g at the pixels that won; bias: Σ g",
    ),
    ["x", "weight", "bias"],
    [PooledConvolution],
    pooledConvolutions(),
    {
      ...sums,
      faults: [
        inBackward("bias gradient is a mean", PooledConvolution, ({ g, gradients: [dx, dw] }) => [
          dx,
          dw,
          g.mean([0, 2, 3]),
        ]),
        inForward("the smallest of every window", PooledConvolution, (right) => right.neg()),
      ],
    },
  ),
];
