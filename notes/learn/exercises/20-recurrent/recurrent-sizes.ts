import type { QuestionExercise } from "../../exercise.ts";

export const recurrentSizes: QuestionExercise = {
  id: "recurrent-sizes",
  kind: "predict",
  title: "Weights, and how far a gradient reaches",
  points: 15,
  part: "systems",
  note: "20-recurrent#systems-analysis",
  task: `
Layers read 20 numbers a step and have 30 of their own: \`new RNN(20, 30)\`, \`new LSTM(20, 30)\`, \`new GRU(20, 30)\`, each with two biases.
Besides, an RNN of one number with relu multiplies its state by 0.5 in every step. Predict; the check counts and differentiates.`,
  hints: [
    "How many blocks of weights has each of the three kinds?",
    "One block has a matrix for the input, one for the state, and two biases. Blocks: 1, 4 and 3. A gradient is multiplied by the same factor in every step.",
    "parameters = blocks·H·(in + H + 2); gradient after k steps = 0.5ᵏ; it falls below a limit at k > log₂(1/limit).",
    "30·(20 + 30 + 2) times 1, 4 and 3; 0.5 to the power 9 is above 1/1000, and to the power 10 below.",
  ],
  questions: [
    { name: "rnn", ask: "How many parameters has the RNN?" },
    { name: "lstm", ask: "How many has the LSTM?" },
    { name: "gru", ask: "How many has the GRU?" },
    {
      name: "reach",
      ask: "After how many steps back is the gradient below 1/1000 for the first time?",
      unit: "steps",
    },
  ],
  mistakes: [
    {
      name: "one bias only",
      wrong: { rnn: 1_530, lstm: 6_120, gru: 4_590, reach: 10 },
      says: "There are two biases, as in PyTorch: one beside the input's weights, one beside the state's.",
    },
    {
      name: "gates of one number",
      wrong: { rnn: 1_560, lstm: 1_716, gru: 1_664, reach: 10 },
      says: "A gate has a value for each number of the state, and so a matrix of its own.",
    },
    {
      name: "the gradient falls by half of the first in each step",
      wrong: { rnn: 1_560, lstm: 6_240, gru: 4_680, reach: 500 },
      says: "Factors multiply: the gradient is halved again in every step. That is a power.",
    },
  ],
};
