import { noGrad, randint, tensor } from "tensorgrad";
import { crossEntropy, GPT, LayerNorm, softmax } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const model = (): GPT =>
  new GPT({
    vocabSize: 65,
    embedDim: 8,
    numLayers: 4,
    numHeads: 2,
    maxSeqLen: 4,
    tied: false,
    start: "zero",
  });

export const { checks, solution } = asked({
  norms: [
    "how many norms a position passes",
    () =>
      model()
        .modules()
        .filter(([, part]) => part instanceof LayerNorm).length,
  ],
  firstLoss: [
    "the first loss",
    () =>
      noGrad(() => {
        const logits = model()
          .forward(randint(0, 65, [2, 4]))
          .reshape(8, 65);
        return crossEntropy(logits, randint(0, 65, [8])).item();
      }),
    0.002,
  ],
  ratio: [
    "a ratio of chances at temperature 0.5",
    () => {
      const [first, second] = softmax(tensor([Math.log(3), 0]).div(0.5), 0).data;
      return first / second;
    },
    0.001,
  ],
});
