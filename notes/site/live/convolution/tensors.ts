import { fromArray, noGrad, Random, scope, type Tensor } from "tensorgrad";
import { type Conv2d, conv2d, type Sequential, softmax, unfold } from "tensorgrad/nn";
import { SHOWN_LAYERS } from "../../../lib/digit-network.ts";
import { matrixOf } from "../lib/grid.ts";
import { type Filter, type Learned, type Reading, SIDE, SMALL, type Walk, type Walked } from "./work.ts";

/** A small image and a small filter: what the library sees at each place, and what comes out. Throws what the library throws. */
export function walk({ seed, filter, kernel, stride, padding, dilation }: Walk): Walked {
  using _ = scope();
  const random = new Random(seed);
  const x = image(random);
  const w = fromArray(FILL[filter](kernel, random), [kernel, kernel]);
  const options = { stride, padding, dilation };
  const [images, filters] = [x.reshape(1, 1, SMALL, SMALL), w.reshape(1, 1, kernel, kernel)];
  return {
    image: matrixOf(x.pad([padding, padding, padding, padding])),
    w: matrixOf(w),
    columns: matrixOf(unfold(images, kernel, options).squeeze(0)), // [K·K, H′·W′]
    y: matrixOf(conv2d(images, filters, null, options).squeeze([0, 1])), // [H′, W′]
  };
}

/** Whole numbers from 0 to 4: sums can be checked in the head. */
const image = (random: Random): Tensor =>
  fromArray(
    Float32Array.from({ length: SMALL * SMALL }, () => random.integer(5)),
    [SMALL, SMALL],
  );

const FILL: Readonly<Record<Filter, (kernel: number, random: Random) => Float32Array>> = {
  seed: (kernel, random) => Float32Array.from({ length: kernel * kernel }, () => random.integer(5) - 2),
  edge: (kernel) =>
    Float32Array.from({ length: kernel * kernel }, (_, i) => {
      const column = i % kernel;
      return (column === kernel - 1 ? 1 : 0) - (column === 0 ? 1 : 0);
    }),
  mean: (kernel) => new Float32Array(kernel * kernel).fill(1 / (kernel * kernel)),
};

export function learned(model: Sequential): Learned {
  const { weight, bias } = model.layers[SHOWN_LAYERS.filters] as Conv2d;
  return { filters: numbers(weight), biases: bias ? numbers(bias) : new Float32Array(weight.shape[0]) };
}

/** What the network says of one image of 28×28, layer by layer. */
export function read(model: Sequential, pixels: Float32Array): Reading {
  using _ = scope();
  using __ = noGrad();
  const results: Tensor[] = [];
  let x = fromArray(pixels, [1, 1, SIDE, SIDE]);
  for (const layer of model.layers) {
    x = layer.forward(x);
    results.push(x);
  }
  return {
    probabilities: [...softmax(x, 1).data],
    first: numbers(results[SHOWN_LAYERS.first]), // [8, 28, 28]
    second: numbers(results[SHOWN_LAYERS.second]), // [16, 14, 14]
  };
}

const numbers = (x: Tensor): Float32Array => Float32Array.from(x.contiguous().data);
