import type { QuestionExercise } from "../../exercise.ts";

export const quantizationBytes: QuestionExercise = {
  id: "quantization-bytes",
  kind: "predict",
  title: "What 8 bits save",
  points: 15,
  part: "systems",
  note: "17-quantization#systems-analysis",
  task: `
A network: \`new Sequential(new Linear(200, 64), new ReLU(), new Linear(64, 10))\`. Predict its bytes before and after \`quantizeModel\`.
A quantized line keeps each weight as one byte, and for each output a scale and a bias in float32 and the sum of its weights in int32.
The check asks \`bytesOfModel\`. The last two questions are about \`quantizeInt8\` with its symmetric scheme.`,
  hints: [
    "Which numbers of a layer become bytes, and which stay as they are?",
    "The docstring of QuantizedLinear says it: in + 12 bytes for an output, where float32 takes 4·in + 4.",
    "before = Σ out·(4·in + 4); after = Σ out·(in + 12); step = max|x|/127; the largest error is half a step.",
    "64·804 + 10·260; 64·212 + 10·76; a tensor with the extremes −2 and 1.27: step 2/127.",
  ],
  questions: [
    { name: "before", ask: "How many bytes before?", unit: "bytes" },
    { name: "after", ask: "How many bytes after?", unit: "bytes" },
    { name: "step", ask: "Numbers from −2 to 1.27 are quantized. What is the step, to five decimals?" },
    { name: "worst", ask: "By how much may one of them be off at most, to five decimals?" },
  ],
  mistakes: [
    {
      name: "weights alone counted",
      wrong: { before: 53_760, after: 13_440, step: 0.01575, worst: 0.00787 },
      says: "Biases stay in float32. A quantized line has a scale and a sum for each output besides.",
    },
    {
      name: "the highest number taken for the largest magnitude",
      wrong: { before: 54_056, after: 14_328, step: 0.01, worst: 0.005 },
      says: "A symmetric scale reaches the largest magnitude, of either sign.",
    },
    {
      name: "a quarter of everything, a whole step of error",
      wrong: { before: 54_056, after: 13_514, step: 0.01575, worst: 0.01575 },
      says: "Not all numbers become bytes. And the nearest integer is at most half a step away.",
    },
  ],
};
