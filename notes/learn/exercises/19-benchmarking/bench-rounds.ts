import type { QuestionExercise } from "../../exercise.ts";

export const benchRounds: QuestionExercise = {
  id: "bench-rounds",
  kind: "predict",
  title: "Turns, and what a disturbance does",
  points: 15,
  part: "systems",
  note: "19-benchmarking#by-hand-first",
  task: `
Three ways A, B and C are timed in turns: \`interleavedSync({ A, B, C }, { rounds: 5, warmUp: 2 })\`. Even rounds go forwards, odd ones backwards.
Warm-up rounds have the numbers −2 and −1. One of 20 rounds of another program takes 100 ms, all others 2 ms.
Predict; the check counts the calls and computes the estimates.`,
  hints: [
    "Which rounds count, and who begins in an odd one?",
    "The note: A B C, C B A, A B C, … A disturbance moves the mean by its share, and the median not at all.",
    "calls = ways·(rounds + warm-up); A begins in rounds 0, 2, 4; mean = (19·2 + 100)/20.",
    "3·(5 + 2); counted rounds 0 … 4: even ones; 138/20; the median of nineteen 2s and one 100.",
  ],
  questions: [
    { name: "calls", ask: "How many calls are made in all?" },
    { name: "first", ask: "In how many of the counted rounds does A come first?" },
    { name: "mean", ask: "What is the mean of the 20 rounds?", unit: "ms" },
    { name: "median", ask: "What is their median?", unit: "ms" },
  ],
  mistakes: [
    {
      name: "warm-up forgotten, A always first",
      wrong: { calls: 15, first: 5, mean: 6.9, median: 2 },
      says: "Rounds before the ones that count are run as well. And whoever begins changes from round to round.",
    },
    {
      name: "the median taken for the middle of the range",
      wrong: { calls: 21, first: 3, mean: 7, median: 51 },
      says: "The median is the number in the middle of the sorted rounds. And one of the 20 rounds is the disturbed one.",
    },
  ],
};
