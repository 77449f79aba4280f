import fc from "fast-check";
import { fromArray, grad, type Random, type Tensor } from "tensorgrad";
import { spatial } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { recordAll } from "tensorgrad/runtime";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inMethod, inUnary } from "../mutants/plant.ts";
import { normals, type Reference, sum } from "../references/reference.ts";
import { exact, free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { pairs } from "./inputs/convolution-settings.ts";
import { type Domain, distinct } from "./inputs/domains.ts";

const { AveragePool, AveragePoolGrad, MaxPool, MaxPoolGrad, MaxPoolTake } = spatial;

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

/** The pixels of a plane that a window of k×k, moved by s, sees at (i, j); null for those in the padding. */
function* windowOf(plane: readonly number[][], i: number, j: number, k: number, s: number, p: number) {
  for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) yield plane[i * s + a - p]?.[j * s + b - p] ?? null;
}

const isPixel = (x: number | null): x is number => x !== null;

/** Windows of 3×3 over an image with a margin of one, each as its pixels; null where there is none. */
function windows(random: Random) {
  const [h, w, k, s] = [4 + random.integer(4), 5 + random.integer(3), 3, 1 + random.integer(3)];
  const x = normals(random, [1, 1, h, w]);
  const plane = Array.from({ length: h }, (_, i) => Array.from(x.data.slice(i * w, (i + 1) * w)));
  const outputs = [h, w].map((n) => Math.floor((n + 2 - k) / s) + 1);
  const each = (of: (pixels: (number | null)[]) => number) =>
    Array.from({ length: outputs[0] * outputs[1] }, (_, o) => {
      const [i, j] = [Math.floor(o / outputs[1]), o % outputs[1]];
      return of([...windowOf(plane, i, j, k, s, 1)]);
    });
  return { x, k, options: { stride: s, padding: 1 }, each };
}

const largest: Reference = (random) => {
  const { x, k, options, each } = windows(random);
  const expected = each((pixels) => Math.max(...pixels.filter(isPixel)));
  return differs("maxPool2d", nn.maxPool2d(x, k, options), expected);
};

const line = (...values: number[]) => fromArray(Float64Array.from(values), [1, 1, 1, values.length]);

/** With padding that counts and that does not, and with a window that is cut off. */
const averages: Reference = (random) => {
  const { x, k, options, each } = windows(random);
  const inside = { ...options, countIncludePad: false };
  const full = each((pixels) => sum(pixels.filter(isPixel)) / (k * k));
  const own = each((pixels) => sum(pixels.filter(isPixel)) / pixels.filter(isPixel).length);
  const rounded = nn.avgPool2d(line(1, 2, 3, 4, 5), [1, 2], { ceilMode: true });
  return (
    differs("avgPool2d", nn.avgPool2d(x, k, options), full) ??
    differs("avgPool2d, padding not counted", nn.avgPool2d(x, k, inside), own) ??
    differs("avgPool2d, a last window of one pixel", rounded, [1.5, 3.5, 5])
  );
};

const adaptive: Reference = () =>
  differs("adaptiveAvgPool2d", nn.adaptiveAvgPool2d(line(1, 2, 3, 4, 5), [1, 3]), [1.5, 3, 4.5]);

/** Of equal numbers the first has the gradient. */
const tied: Reference = () => {
  const x = fromArray(Float64Array.of(3, 3, 1, 2, 2, 2), [1, 1, 6]);
  x.requiresGrad = true;
  nn.maxPool1d(x, 3).sum().backward();
  return differs("gradient of tied maxima", x.grad as Tensor, [1, 0, 0, 1, 0, 0]);
};

type Average = InstanceType<typeof AveragePool>;

/** Every average divided by the largest count there is, whether or not its window lies in the image. */
const fullCounts = ({ windows: [rows, cols], ...grid }: Average["grid"]): Average["grid"] => {
  const counted = ({ table, ...windows }: typeof rows) => {
    const most = Math.max(...table.filter((_, i) => i % 3 === 2));
    return { ...windows, table: table.map((n, i) => (i % 3 === 2 ? most : n)) };
  };
  return { ...grid, windows: [counted(rows), counted(cols)] };
};

export const title = "Pooling";

export const rows: readonly Case[] = [
  free(
    "maxPool2d",
    words(
      "y[n, c, i, j] = the largest x in window (i, j)",
      "g goes back to where the largest was, the first of several",
    ),
    ["x"],
    [MaxPool, MaxPoolGrad, nn.MaxPool2d],
    maxPooling(),
    {
      onnx: exact,
      reference: largest,
      faults: [
        inUnary("gradient one pixel off", MaxPool, (_, right) => right.pad([1, -1])),
        inUnary("gradient to every pixel", MaxPool, (g, right) =>
          right.mul(0).add(g.size === 0 ? 0 : g.max().item()),
        ),
      ],
    },
  ),
  free(
    "maxPool1d",
    words("y[n, c, j] = the largest x in window j", "as maxPool2d"),
    ["x"],
    [nn.MaxPool1d],
    maxPoolingOfLines(),
    { onnx: exact, reference: tied },
  ),
  free(
    "adaptiveMaxPool2d",
    words(
      "y[n, c, i, j] = the largest x in window (i, j) of so many windows as are asked for",
      "as maxPool2d",
    ),
    ["x"],
    [nn.AdaptiveMaxPool2d],
    adaptivePooling(distinct, (n) => new nn.AdaptiveMaxPool2d(n)),
    { onnx: exact },
  ),
  free(
    "avgPool2d",
    words("y[n, c, i, j] = Σ x/n in window (i, j)", "g/n is added to every pixel of the window"),
    ["x"],
    [AveragePool, AveragePoolGrad, nn.AvgPool2d],
    averagePooling(),
    {
      onnx: reduction,
      linear: "jointly",
      reference: averages,
      faults: [
        inMethod(
          "every window divided by the full count",
          AveragePool.prototype,
          "forward",
          (right) =>
            function (this: Average, x) {
              return right.call(new AveragePool(fullCounts(this.grid)), x);
            },
          "reference",
        ),
      ],
    },
  ),
  free(
    "adaptiveAvgPool2d",
    words("y[n, c, i, j] = Σ x/n in window (i, j) of so many windows as are asked for", "as avgPool2d"),
    ["x"],
    [nn.AdaptiveAvgPool2d],
    adaptivePooling(undefined, (n) => new nn.AdaptiveAvgPool2d(n)),
    {
      onnx: reduction,
      linear: "jointly",
      reference: adaptive,
      faults: [
        inBackward("gradient divided by the full count", AveragePool, ({ g, operation }) => [
          new AveragePoolGrad(fullCounts((operation as Average).grid)).apply(g),
        ]),
      ],
    },
  ),
  free(
    "maxPool2d's gradient",
    words("y = g at the places of the maxima of fixed images, 0 elsewhere", "g taken from those places"),
    ["g"],
    [MaxPoolGrad, MaxPoolTake],
    gradientsOfMaxPooling(),
    {
      onnx: reduction,
      linear: "jointly",
    },
  ),
];
