import type { QuestionExercise } from "../../exercise.ts";

export const kvCacheReading: QuestionExercise = {
  id: "kv-cache-reading",
  kind: "read",
  title: "How many positions are computed",
  points: 10,
  part: "reflection",
  note: "14-kv-cache#the-rule",
  task: `
A model continues a prompt of 6 tokens by 5 tokens, and the window is long enough for all of them.
Read *The rule*, then count the positions that pass through the blocks. The check counts them while the model writes.`,
  hints: [
    "Which positions does the model have to compute before it can draw the first new token?",
    "With a cache each position is computed once. Without one, all positions so far are computed for every token. The last token drawn is never read.",
    "With a cache: prompt + new − 1. Without: Σ of the lengths prompt, prompt + 1, …, prompt + new − 1.",
    "with = 6 + 4; without = 6 + 7 + 8 + 9 + 10; the first token needs one pass over the prompt either way.",
  ],
  questions: [
    { name: "cached", ask: "How many positions are computed with a cache?" },
    { name: "plain", ask: "How many positions are computed without one?" },
    { name: "firstToken", ask: "How many are computed with a cache before the first new token is drawn?" },
  ],
  mistakes: [
    {
      name: "the last token read as well",
      wrong: { cached: 11, plain: 51, firstToken: 6 },
      says: "The last token is drawn and given back. No later one needs it, so the model never reads it.",
    },
    {
      name: "the prompt taken for free",
      wrong: { cached: 5, plain: 40, firstToken: 1 },
      says: "A new cache knows nothing of the prompt. Its positions are computed first.",
    },
  ],
};
