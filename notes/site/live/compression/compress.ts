import { noGrad, scope, type Tensor, zeros } from "tensorgrad";
import { magnitudePrune } from "tensorgrad/compression";
import type { ImageDataset } from "tensorgrad/data";
import { quantization } from "tensorgrad/functions";
import { type Module, QuantizedConv2d, QuantizedLinear, quantizeModel, type Sequential } from "tensorgrad/nn";
import { accuracy } from "tensorgrad/train";
import { paretoFront } from "../../../../tensorgrad/src/19-benchmarking/pareto.ts"; // without the plots of reports
import { digitNetwork } from "../../../lib/digit-network.ts";
import type { Against, Bits, Point, Setting } from "./work.ts";

/** The trained network with fewer weights and fewer bits for each; what is left of it, and what that takes. */
export function compressed(whole: Sequential, { bits, sparsity }: Setting): Sequential {
  const model = digitNetwork();
  model.loadStateDict(whole.stateDict());
  model.eval();
  if (sparsity > 0) magnitudePrune(model, { sparsity: sparsity / 100 });
  FEWER_BITS[bits](model);
  return model;
}

const FEWER_BITS: Readonly<Record<Bits, (model: Sequential) => void>> = {
  "32": () => {},
  "16": (model) => {
    for (const p of model.parameters()) p.assign(p.detach().to("float16").to("float32"));
  },
  "8": (model) => void quantizeModel(model),
  "4": (model) => {
    for (const p of model.parameters()) if (p.rank > 1) p.assign(fourBits(p.detach()));
  },
};

const LARGEST = 7;

/** The nearest of 15 numbers, −7 to 7 steps, with a step for each output: rounded as for training with rounding. */
function fourBits(w: Tensor): Tensor {
  const scale = w.abs().reshape(w.shape[0], -1).amax(1).div(LARGEST).clamp(1e-12); // [out]
  const zero = zeros([w.shape[0]], { dtype: "int8" });
  return new quantization.FakeQuantize(-LARGEST, LARGEST).apply(w, scale, zero);
}

/**
 * Bytes of a file: weights with their bits and, for integers, four bytes for the step of each output; biases in 32 bits, or 16. Where
 * it takes less, a weight costs a bit that says whether it is 0, and its own bits only if it is not.
 */
export function bytesOf(model: Module, bits: Bits): number {
  const width = Number(bits);
  let bytes = 0;
  for (const { weight, bias } of weighted(model)) {
    const nonzeros = Array.from(weight.data).filter((w) => w !== 0).length;
    const dense = Math.ceil((weight.size * width) / 8);
    bytes += Math.min(dense, Math.ceil(weight.size / 8) + Math.ceil((nonzeros * width) / 8));
    bytes += (width < 16 ? 4 : 0) * weight.shape[0] + (width === 16 ? 2 : 4) * (bias?.size ?? 0);
  }
  return bytes;
}

interface Weighted {
  readonly weight: Tensor;
  readonly bias: Tensor | null;
}

/** The layers that have weights. */
function weighted(model: Module): Weighted[] {
  return [...model.modules()].flatMap(([, layer]) => {
    if (layer instanceof QuantizedConv2d || layer instanceof QuantizedLinear) return [layer];
    return "weight" in layer && "bias" in layer ? [layer as unknown as Weighted] : [];
  });
}

/** The share of digits that a network reads. */
export function accuracyOf(model: Module, digits: ImageDataset): number {
  using _ = scope();
  using __ = noGrad();
  let right = 0;
  for (let from = 0; from < digits.length; from += BATCH) {
    using _ = scope();
    const length = Math.min(BATCH, digits.length - from);
    const { x, y } = digits.batch(Array.from({ length }, (_, i) => from + i));
    right += accuracy(model.forward(x), y) * length;
  }
  return Math.round(right) / digits.length;
}

const BATCH = 100;
const ROUNDS = 7;

/** All of it; the time is that of the fastest round, since others only ever add to it. */
export function measured(whole: Sequential, digits: ImageDataset, setting: Setting): Point {
  using _ = scope();
  using __ = noGrad();
  const model = compressed(whole, setting);
  const { x } = digits.batch(Array.from({ length: BATCH }, (_, i) => i));
  const times = Array.from({ length: ROUNDS }, () => {
    using _ = scope();
    const start = performance.now();
    model.forward(x);
    return performance.now() - start;
  });
  const accuracy = accuracyOf(model, digits);
  return { ...setting, accuracy, bytes: bytesOf(model, setting.bits), ms: Math.min(...times) };
}

export function frontOf(points: readonly Point[], against: Against): number[] {
  const best = new Set(
    paretoFront(points, [
      { of: (point) => point.accuracy, better: "more" },
      { of: (point) => point[against], better: "less" },
    ]),
  );
  return points.flatMap((point, i) => (best.has(point) ? [i] : []));
}
