import fc from "fast-check";
import { Random } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward, inUnary } from "../mutants/plant.ts";
import { exact, free, frozen, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { pairs } from "./inputs/convolution-settings.ts";

/** Images in any order, channels in any order: they come out in the same. */
const orders = [
  { inputs: [0], output: 0 },
  { inputs: [1], output: 1 },
];

const images = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 3 }), pairs(1, 4))
  .map(([batch, channels, image]) => [batch, channels, ...image]);

/** By size or by factor; scales that are not whole as well. */
function interpolations(): fc.Arbitrary<Example> {
  const how = fc.oneof(
    fc.record({ size: pairs(1, 6) }),
    fc.record({ scaleFactor: fc.constantFrom<[number, number]>([2, 3], [1.5, 1], [1, 2.25]) }),
  );
  const mode = fc.constantFrom(
    { mode: "nearest" as const },
    { mode: "bilinear" as const, alignCorners: false },
    { mode: "bilinear" as const, alignCorners: true },
  );
  return fc.tuple(images, how, mode).chain(([shape, how, mode]) => {
    const options: nn.InterpolateOptions = { ...how, ...mode };
    return tensors({ shape }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ ...options }),
        symmetries: orders,
        run: (x) => new nn.Upsample(options).forward(x),
      }),
    );
  });
}

/** A filter, and an image in which it has room. */
const filters = fc
  .record({
    batch: fc.integer({ min: 0, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
    kernelSize: pairs(1, 3),
    stride: pairs(1, 2),
    padding: pairs(0, 2),
    dilation: pairs(1, 2),
    room: pairs(0, 2),
  })
  .map(({ room, ...drawn }) => {
    const { kernelSize, padding, dilation } = drawn;
    const span = kernelSize.map((k, d) => dilation[d] * (k - 1) + 1);
    const image = span.map((n, d) => Math.max(1, n - 2 * padding[d] + room[d])) as [number, number];
    return { ...drawn, image };
  });

function unfolded(): fc.Arbitrary<Example> {
  return filters.chain(({ batch, channels, image, kernelSize, ...options }) =>
    tensors({ shape: [batch, channels, ...image] }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ kernelSize, ...options }),
        symmetries: [{ inputs: [0], output: 0 }],
        run: (x) => nn.unfold(x, kernelSize, options),
      }),
    ),
  );
}

function folded(): fc.Arbitrary<Example> {
  return filters.chain(({ batch, channels, image, kernelSize, ...options }) => {
    const { stride, padding, dilation } = options;
    const places = image.map((n, d) => {
      const span = dilation[d] * (kernelSize[d] - 1) + 1;
      return Math.floor((n + 2 * padding[d] - span) / stride[d]) + 1;
    });
    const shape = [batch, channels * kernelSize[0] * kernelSize[1], places[0] * places[1]];
    return tensors({ shape }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ outputSize: image, kernelSize, ...options }),
        symmetries: [{ inputs: [0], output: 0 }],
        run: (x) => nn.fold(x, image, kernelSize, options),
      }),
    );
  });
}

/** Exact in float32, and large enough that equal numbers stay smooth. */
const epsilons = [2 ** -4, 1];

function groupNorms(): fc.Arbitrary<Example> {
  const sizes = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 1, max: 2 }),
    rest: fc.constantFrom([], [3], [2, 2]),
    operands: fc.integer({ min: 0, max: 2 }),
    eps: fc.constantFrom(...epsilons),
  });
  return sizes.chain(({ batch, groups, size, rest, operands, eps }) => {
    const channels = groups * size;
    const drawn = Array.from({ length: operands }, () => tensors({ shape: [channels] }));
    return fc.tuple(tensors({ shape: [batch, channels, ...rest] }), ...drawn).map(
      (inputs): Example => ({
        inputs,
        options: typed({ groups, eps }),
        symmetries: [{ inputs: [0, null, null].slice(0, inputs.length), output: 0 }],
        run: (x, weight, bias) => {
          const layer = new nn.GroupNorm(groups, channels, { eps, affine: false });
          return Object.assign(layer, { ...(weight && { weight }), ...(bias && { bias }) }).forward(x);
        },
      }),
    );
  });
}

function instanceNorms(): fc.Arbitrary<Example> {
  const sizes = fc.record({
    batch: fc.integer({ min: 0, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    image: pairs(2, 3),
    eps: fc.constantFrom(...epsilons),
  });
  return sizes.chain(({ batch, channels, image, eps }) => {
    const perChannel = tensors({ shape: [channels] });
    return fc.tuple(tensors({ shape: [batch, channels, ...image] }), perChannel, perChannel).map(
      (inputs): Example => ({
        inputs,
        options: typed({ eps }),
        symmetries: [
          { inputs: [0, null, null], output: 0 },
          { inputs: [1, 0, 0], output: 1 },
          { inputs: [3, null, null], output: 3 },
        ],
        run: (x, weight, bias) =>
          Object.assign(new nn.InstanceNorm2d(channels, { eps }), { weight, bias }).forward(x),
      }),
    );
  });
}

/** Silenced with the same mask every time: the generator starts at the same seed. */
function dropouts(): fc.Arbitrary<Example> {
  return fc.tuple(images, fc.constantFrom(0.5, 0.25, 0), fc.nat(1000)).chain(([shape, p, seed]) =>
    tensors({ shape }).map(
      (x): Example => ({
        inputs: [x],
        options: typed({ p }),
        run: (x) => new nn.Dropout2d(p, { random: new Random(seed) }).forward(x),
      }),
    ),
  );
}

/** A model whose parameters stay as they were drawn; its images are what is differentiated. */
function models(
  channels: number,
  make: (random: Random) => nn.Module,
  image: fc.Arbitrary<[number, number]>,
): fc.Arbitrary<Example> {
  return fc.tuple(image, fc.nat(1000)).chain(([image, seed]) =>
    tensors({ shape: [2, channels, ...image] }).map((x): Example => {
      const model = frozen(() => make(new Random(seed)));
      return {
        inputs: [x],
        options: typed({ seed }),
        symmetries: [{ inputs: [0], output: 0 }],
        run: (x) => model(x.dtype).forward(x),
      };
    }),
  );
}

const { FoldColumns, NormalizeRows, Resample, ResampleGrad, UnfoldColumns } = spatial;
const linear = { onnx: reduction, linear: "jointly" } as const;
const norm = ["x", "weight", "bias"];
const NORMALIZED = "y = x̂·weight + bias, x̂ = (x − mean)/√(var + eps)";
const THROUGH = "x: (h − mean h − x̂·mean (h·x̂))/√(var + eps), h = g·weight; weight: Σ g·x̂; bias: Σ g";

export const title = "Images: norms, sizes, columns, residual networks";

export const rows: readonly Case[] = [
  free(
    "interpolate",
    words("y = Σ of the pixels around each place, by weight", "g to the same pixels, by the same weights"),
    ["x"],
    [Resample, ResampleGrad, nn.Upsample],
    interpolations(),
    {
      ...linear,
      faults: [inUnary("gradient one pixel off", Resample, (_, right) => right.pad([1, -1]))],
    },
  ),
  free(
    "unfold",
    words("y[n, (c, k, l), (i, j)] = x[n, c, i·s + k·d − p, j·s + l·d − p]", "x: fold(g)"),
    ["x"],
    [UnfoldColumns, FoldColumns],
    unfolded(),
    {
      onnx: exact,
      linear: "jointly",
      faults: [
        inUnary("a pixel seen twice counts once", UnfoldColumns, (g, right) =>
          right.clamp(-1, 1).add(g.sum().mul(0)),
        ),
      ],
    },
  ),
  free(
    "fold",
    words("x = Σ of what unfold took from it", "unfold(g)"),
    ["x"],
    [FoldColumns, UnfoldColumns],
    folded(),
    linear,
  ),
  free(
    "GroupNorm",
    words(`${NORMALIZED} per group of channels of an image`, THROUGH),
    norm,
    [NormalizeRows, nn.GroupNorm],
    groupNorms(),
    {
      onnx: reduction,
      faults: [
        inForward("unbiased variance", NormalizeRows, (right, [x]) => {
          const n = x.shape[x.rank - 1];
          return n < 2 ? right : right.mul(Math.sqrt((n - 1) / n));
        }),
        inBackward("statistics taken for constants", NormalizeRows, ({ g, inputs: [x], operation }) => {
          const variance = x.var(-1, { keepDim: true, correction: 0 });
          return [g.mul(variance.add((operation as InstanceType<typeof NormalizeRows>).eps).rsqrt())];
        }),
      ],
    },
  ),
  free(
    "InstanceNorm2d",
    words(`${NORMALIZED} per channel of an image`, THROUGH),
    norm,
    [nn.InstanceNorm2d],
    instanceNorms(),
    { onnx: reduction },
  ),
  free(
    "Dropout2d",
    words("y = x·mask, mask 0 or 1/(1 − p) per channel of an image", "g·mask"),
    ["x"],
    [nn.Dropout2d],
    dropouts(),
    { linear: "jointly" },
  ),
  free(
    "BasicBlock",
    words("y = max(shortcut(x) + norm₂(conv₂(max(norm₁(conv₁(x)), 0))), 0)", "through both ways, added"),
    ["x"],
    [nn.BasicBlock],
    models(2, (random) => new nn.BasicBlock(2, 3, { stride: 2, random }), pairs(3, 4)),
    { onnx: reduction },
  ),
  free(
    "ResNet",
    words("y = head(mean of the channels of the last stage)", "through all stages"),
    ["x"],
    [nn.ResNet],
    models(
      1,
      (random) => new nn.ResNet({ inputs: 1, classes: 3, widths: [2, 3], blocks: [1, 1], random }),
      pairs(4, 5),
    ),
    { onnx: reduction },
  ),
];
