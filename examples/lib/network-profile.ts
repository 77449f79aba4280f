import { heap, noGrad, scope, type Tensor } from "tensorgrad";
import { Conv2d, type Layer, Linear, type Module, Residual, Sequential } from "tensorgrad/nn";

/** What one layer costs for a batch of images. */
export interface LayerCost {
  readonly layer: string;
  readonly output: readonly number[];
  readonly parameters: number;
  /** Multiplications and additions of one image, forward. */
  readonly flops: number;
  /** Of the output, for the batch: what backward may need of it. */
  readonly bytes: number;
  /** Forward, for the batch: median of several runs. */
  readonly milliseconds: number;
}

/** Times every layer of a network on its own, in the order in which data passes through. */
export function profileLayers(model: Sequential, x: Tensor, repeats = 5): LayerCost[] {
  const costs: LayerCost[] = [];
  using _ = scope();
  using __ = noGrad();
  model.eval();
  let input = x;
  for (const layer of flat(model)) {
    const times: number[] = [];
    let output = layer.forward(input);
    for (let i = 0; i < repeats; i++) {
      const start = performance.now();
      output = layer.forward(input);
      times.push(performance.now() - start);
    }
    costs.push({
      layer: nameOf(layer),
      output: output.shape.slice(1),
      parameters: "parameters" in layer ? count(layer as Module) : 0,
      flops: flopsOf(layer, output),
      bytes: 4 * output.size,
      milliseconds: times.sort((a, b) => a - b)[repeats >> 1],
    });
    input = output;
  }
  return costs;
}

/** Blocks around a skip stay whole: their input is needed again. */
const flat = (model: Sequential): Layer[] =>
  model.layers.flatMap((layer) =>
    layer instanceof Sequential && !(layer instanceof Residual) ? flat(layer) : [layer],
  );

const count = (model: Module): number => model.parameters().reduce((sum, p) => sum + p.size, 0);
const nameOf = (layer: Layer): string =>
  layer instanceof Residual ? `Residual(${layer.layers.map(nameOf).join(", ")})` : layer.constructor.name;

/** 2·(outputs)·(weights that each output looks at), for the layers that multiply. */
function flopsOf(layer: Layer, output: Tensor): number {
  if (layer instanceof Residual) return layer.layers.reduce((sum, inner) => sum + flopsOf(inner, output), 0);
  if (!(layer instanceof Conv2d || layer instanceof Linear)) return 0;
  const [outputs, weights] = [output.size / output.shape[0], layer.weight.size / layer.weight.shape[0]];
  return 2 * outputs * weights;
}

/** The most that a step takes of the heap, its input apart. */
export function peakOf(work: () => void): number {
  const before = heap.live;
  heap.resetPeak();
  work();
  return heap.peak - before;
}
