import type { QuestionExercise } from "../../exercise.ts";

export const recurrentReading: QuestionExercise = {
  id: "recurrent-reading",
  kind: "read",
  title: "Gates by hand",
  points: 10,
  part: "reflection",
  note: "20-recurrent#by-hand-first",
  task: `
Read *By hand first* and *The rule*, then answer. The check runs cells whose gates have the sums that are named.`,
  hints: [
    "What does the cell keep, and what does it add?",
    "σ(ln 3) = 3/4 and σ(−ln 3) = 1/4. tanh(ln 3) = 0.8. Along the cell, a gradient is multiplied by the forget gate in every step.",
    "c′ = f·c + i·g; h = o·tanh c′; ∂c after k steps = fᵏ; numbers kept per cell and step: four gates, c and h.",
    "f = 3/4, c = 2, i = 1/4, g = 0.8; three steps with f = 3/4; count what backward reads.",
  ],
  questions: [
    {
      name: "cell",
      ask: "The sums of i, f, g, o are −ln 3, ln 3, ln 3, 0 and c is 2. What is c′?",
    },
    {
      name: "along",
      ask: "The forget gate is 3/4 in three steps. What is the slope of the last cell with respect to the first one, to three decimals?",
    },
    { name: "kept", ask: "How many numbers does an LSTM keep per cell and step for backward?" },
  ],
  mistakes: [
    {
      name: "the gates in another order",
      wrong: { cell: 1.1, along: 0.016, kept: 4 },
      says: "The order is i f g o: here the forget gate is open and the input gate nearly shut. c and h are kept besides the gates.",
    },
    {
      name: "the factors added",
      wrong: { cell: 1.7, along: 2.25, kept: 6 },
      says: "A gradient that passes three steps is multiplied three times.",
    },
  ],
};
