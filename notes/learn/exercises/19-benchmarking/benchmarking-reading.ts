import type { QuestionExercise } from "../../exercise.ts";

export const benchmarkingReading: QuestionExercise = {
  id: "benchmarking-reading",
  kind: "read",
  title: "Intervals, gates and throughput",
  points: 10,
  part: "reflection",
  note: "19-benchmarking#the-rule",
  task: `
Read *The rule* and *Systems analysis*, then answer. The check evaluates the formulas of the note with the library.`,
  hints: [
    "How often does an interval of 95 % miss, and on how many cases is it used?",
    "Rates of chance multiply with the number of cases. Throughput is images over the time of their batch. An interval shrinks with the root of the rounds.",
    "expected misses = cases·0.05; throughput = batch/time; width ∝ 1/√rounds.",
    "40·0.05; 64 images in 5 ms; four times the rounds: the root of 4; all six ratios on one side: 2/2⁶.",
  ],
  questions: [
    { name: "byChance", ask: "Of 40 equal cases, how many does a level of 5 % name in a run, on average?" },
    { name: "throughput", ask: "A batch of 64 images takes 5 ms. How many images a second are that?" },
    { name: "narrower", ask: "Four times as many rounds: by which factor is the interval narrower?" },
    {
      name: "sixRounds",
      ask: "With which chance does the interval from the smallest to the largest of 6 ratios miss the true median, in percent, to one decimal?",
    },
  ],
  mistakes: [
    {
      name: "one over the latency, the interval shrinks with the rounds",
      wrong: { byChance: 1, throughput: 200, narrower: 4, sixRounds: 1.6 },
      says: "A batch finishes 64 images at once. Widths go with the root. An interval can miss on two sides.",
    },
    {
      name: "one case in five, a batch counted once",
      wrong: { byChance: 8, throughput: 320, narrower: 4, sixRounds: 5 },
      says: "5 % of 40 cases are few. Six ratios lie on one given side with chance 1/2⁶.",
    },
  ],
};
