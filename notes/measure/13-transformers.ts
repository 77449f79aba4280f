import { heap, Random, randint, scope } from "tensorgrad";
import { crossEntropy, GPT } from "tensorgrad/nn";
import { report } from "../lib/measure.ts";

/** Note 13: parameters and the memory of a training step by depth and width, and what accumulation saves. */
const V = 65;
const T = 128;

function step(numLayers: number, embedDim: number, batch: number) {
  using _ = scope();
  const sizes = { vocabSize: V, embedDim, numLayers, numHeads: 4, maxSeqLen: T };
  const model = new GPT({ ...sizes, positions: "rotary", norm: "rms", bias: false, random: new Random(1) });
  const [x, y] = [2, 3].map((seed) => randint(0, V, [batch, T], { random: new Random(seed) }));
  const before = heap.live;
  const loss = crossEntropy(model.forward(x).flatten(0, 1), y.flatten());
  const activations = heap.live - before;
  heap.resetPeak();
  loss.backward();
  return {
    ...{ numLayers, embedDim, batch },
    parameters: model.parameters().reduce((sum, { size }) => sum + size, 0),
    activationBytes: activations,
    peakBytes: heap.peak - before,
  };
}

report({
  depth: [1, 2, 4, 8].map((layers) => step(layers, 128, 4)),
  width: [64, 128, 256].map((width) => step(4, width, 4)),
  batch: [1, 2, 4, 8].map((batch) => step(4, 128, batch)),
});
