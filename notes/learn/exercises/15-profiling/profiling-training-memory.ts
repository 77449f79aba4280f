import type { QuestionExercise } from "../../exercise.ts";

export const profilingTrainingMemory: QuestionExercise = {
  id: "profiling-training-memory",
  kind: "predict",
  title: "What a training step takes",
  points: 15,
  part: "systems",
  note: "15-profiling#systems-analysis",
  task: `
A network: \`new Sequential(new Linear(100, 50), new Tanh(), new Linear(50, 10))\`, trained by Adam in float32, in batches of 32.
Predict its bytes and its multiply-adds. The check asks \`measureMemory\` and \`countFlops\`.`,
  hints: [
    "What has to exist four times the size of the parameters, and what grows with the batch?",
    "Parameters have gradients of the same size, and Adam keeps two numbers for each. Activations are the results of the layers, for the whole batch.",
    "parameters = (100·50 + 50 + 50·10 + 10)·4 bytes; Adam = 2·parameters; activations = 32·(50 + 50 + 10)·4, and the loss; multiply-adds = 32·(100·50 + 50·10).",
    "count the weights and biases; times 4, times 8; add the outputs of three layers, times 32, times 4, and one number for the sum; products: rows·inputs·outputs.",
  ],
  questions: [
    { name: "parameters", ask: "How many bytes do the parameters take?", unit: "bytes" },
    { name: "adam", ask: "How many bytes does Adam keep?", unit: "bytes" },
    {
      name: "activations",
      ask: "How many bytes do the results of a forward pass take, up to 1 % off?",
      unit: "bytes",
    },
    { name: "multiplyAdds", ask: "How many multiply-adds does a forward pass make?" },
  ],
  mistakes: [
    {
      name: "biases forgotten, one moment only",
      wrong: { parameters: 22_000, adam: 22_000, activations: 14_080, multiplyAdds: 176_000 },
      says: "Biases are parameters, too. Adam keeps the mean of the gradients and that of their squares.",
    },
    {
      name: "the batch forgotten",
      wrong: { parameters: 22_240, adam: 44_480, activations: 440, multiplyAdds: 5_500 },
      says: "A forward pass computes and keeps its results for each example of the batch.",
    },
    {
      name: "flops for multiply-adds, tanh keeps nothing",
      wrong: { parameters: 22_240, adam: 44_480, activations: 7_680, multiplyAdds: 352_000 },
      says: "A multiply-add is two flops. And the result of tanh is kept: its gradient is made from it.",
    },
  ],
};
