import { fromArray, type Random, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";

/** Module 09 by its definitions, one number at a time, with the conventions of PyTorch. */
type Reference = (random: Random) => string | null;

const draw = (random: Random, shape: readonly number[]): Tensor =>
  fromArray(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );

/** The pixels of a plane that a window of k×k, moved by s, sees at (i, j); null for those in the padding. */
function* windowOf(plane: readonly number[][], i: number, j: number, k: number, s: number, p: number) {
  for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) yield plane[i * s + a - p]?.[j * s + b - p] ?? null;
}

const isPixel = (x: number | null): x is number => x !== null;
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Largest and mean of windows, with padding that counts and that does not; ties, NaN and cut windows. */
const pooling: Reference = (random) => {
  const [h, w, k, s] = [4 + random.integer(4), 5 + random.integer(3), 3, 1 + random.integer(3)];
  const x = draw(random, [1, 1, h, w]);
  const plane = Array.from({ length: h }, (_, i) => Array.from(x.data.slice(i * w, (i + 1) * w)));
  const outputs = [h, w].map((n) => Math.floor((n + 2 - k) / s) + 1);
  const each = (of: (pixels: (number | null)[]) => number) =>
    Array.from({ length: outputs[0] * outputs[1] }, (_, o) => {
      const [i, j] = [Math.floor(o / outputs[1]), o % outputs[1]];
      return of([...windowOf(plane, i, j, k, s, 1)]);
    });
  const options = { stride: s, padding: 1 };
  const line = (...values: number[]) => fromArray(Float64Array.from(values), [1, 1, values.length]);
  const inside = { ...options, countIncludePad: false };
  const rounded = nn.avgPool2d(line(1, 2, 3, 4, 5).unsqueeze(2), [1, 2], { ceilMode: true });
  return (
    differs(
      "maxPool2d",
      nn.maxPool2d(x, k, options),
      each((pixels) => Math.max(...pixels.filter(isPixel))),
    ) ??
    differs(
      "avgPool2d",
      nn.avgPool2d(x, k, options),
      each((pixels) => sum(pixels.filter(isPixel)) / (k * k)),
    ) ??
    differs(
      "avgPool2d, padding not counted",
      nn.avgPool2d(x, k, inside),
      each((pixels) => sum(pixels.filter(isPixel)) / pixels.filter(isPixel).length),
    ) ??
    differs("avgPool2d, a last window of one pixel", rounded, [1.5, 3.5, 5]) ??
    differs(
      "adaptiveAvgPool2d",
      nn.adaptiveAvgPool2d(line(1, 2, 3, 4, 5).unsqueeze(2), [1, 3]),
      [1.5, 3, 4.5],
    )
  );
};

/** Of equal numbers the first has the gradient. */
const tiedPooling: Reference = () => {
  const x = fromArray(Float64Array.of(3, 3, 1, 2, 2, 2), [1, 1, 6]);
  x.requiresGrad = true;
  nn.maxPool1d(x, 3).sum().backward();
  return differs("gradient of tied maxima", x.grad as Tensor, [1, 0, 0, 1, 0, 0]);
};

/** Statistics of the batch, the variance divided by n; the running ones by n − 1, and only in training. */
const batchNorm: Reference = (random) => {
  const [n, channels] = [3 + random.integer(4), 2];
  const x = draw(random, [n, channels]);
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

export const spatialReferences: Readonly<Record<string, Reference>> = { pooling, tiedPooling, batchNorm };
