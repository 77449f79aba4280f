import type { Exercise } from "../../exercise.ts";

export const readAttention: Exercise = {
  id: "read-attention",
  title: "Read: scores, scale and length",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "12-attention#by-hand-first",
  task: "Read *By hand first*, *The rule* and the five questions of note 12. Then answer with numbers.",
  hints: [
    "Which of these can you compute by hand from the sizes alone?",
    "*By hand first* shows softmax of two scores. *Why √D* has the scale. Question 1 compares attention with the rest; *Shared keys* has the saving.",
    "weights e^s/Σe^s; scale 1/√D; 24·T·D² = 4·T²·D at T = 6·D; a group of G saves 1 − 1/G",
    "1/4·0 + 3/4·8; 1/√64; 6·64; 1 − 1/4",
  ],
  questions: [
    { name: "answer", ask: "Scores 0 and ln 3, values 0 and 8: the answer of the query?" },
    { name: "scale", ask: "Heads of 64: by what are scores multiplied?" },
    {
      name: "length",
      ask: "Width 64: at which length do attention and the linear layers of a block cost equally many flops?",
    },
    { name: "saved", ask: "Four query heads share a key head. Which share of keys and values is saved?" },
  ],
  mistakes: [
    {
      name: "the largest score takes all",
      wrong: { answer: 8, scale: 1 / 64, length: 64, saved: 0.25 },
      says: "Softmax never gives 0 to a finite score. And the scale is a root of the width.",
    },
    {
      name: "a plain mean",
      wrong: { answer: 4, scale: 8, length: 24, saved: 1 },
      says: "The scores differ, so the weights do. And scores are divided by √D, not multiplied.",
    },
  ],
};
