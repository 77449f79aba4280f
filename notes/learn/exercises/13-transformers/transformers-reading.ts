import type { QuestionExercise } from "../../exercise.ts";

export const transformersReading: QuestionExercise = {
  id: "transformers-reading",
  kind: "read",
  title: "Norms, first losses and temperatures",
  points: 10,
  part: "reflection",
  note: "13-transformers#the-rule",
  task: `
Read *The rule* of the note, then answer. Each answer needs a line of arithmetic at most.
The check builds a model of four blocks whose head starts at 0, and measures.`,
  hints: [
    "How many norms has one block, and where does the last one stand?",
    "The section *The rule* names the places of the norms, what the first scores are, and what a temperature does to chances.",
    "Norms: two a block and one before the head. Equal scores: −ln(1/V). Temperature τ: chances to the power 1/τ.",
    "norms = 2·4 + 1; loss = ln 65; the ratio 3 becomes 3 to the power 1/0.5.",
  ],
  questions: [
    { name: "norms", ask: "How many norms does a position pass in a GPT of four blocks?" },
    {
      name: "firstLoss",
      ask: "All first scores are equal, of 65 characters. What is the loss, to two decimals?",
      unit: "nats",
    },
    {
      name: "ratio",
      ask: "At temperature 1 one token is 3 times as likely as another. How many times at temperature 0.5?",
    },
  ],
  mistakes: [
    {
      name: "the last norm forgotten, the temperature multiplied",
      wrong: { norms: 8, firstLoss: 6.02, ratio: 1.5 },
      says: "A norm stands before the head as well. Losses are in nats, so the logarithm is the natural one. A low temperature sharpens.",
    },
    {
      name: "one norm a block, the ratio doubled",
      wrong: { norms: 5, firstLoss: 1.81, ratio: 6 },
      says: "A block has two branches, each with a norm. Losses use the natural logarithm. Scores are divided by the temperature, so chances are raised to a power.",
    },
  ],
};
