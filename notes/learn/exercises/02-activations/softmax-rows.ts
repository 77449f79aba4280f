import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "softmax-rows",
  title: "Softmax, row by row",
  kind: "write",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/02-activations/softmax.reference.ts",
  note: "02-activations#by-hand-first",
  task: "x holds `rows` rows of `cols` scores, one row after the other. Write the probabilities of each row into y: e^x divided by the row's sum of e^x. Scores of 1000 must work: show by hand that subtracting the row's maximum changes nothing. `maxOfRow(x, start, cols)` finds it.",
  hints: [
    "What is e^1000 in JavaScript? What is e^(1000 − 1000)?",
    "Multiply numerator and denominator by e^(−m). The largest exponent is then 0.",
    "y_c = e^(x_c − m) / Σ_j e^(x_j − m), m the maximum of the row",
    "for each row: m ← its maximum; sum ← 0; for c: sum ← sum + exp(x_c − m); for c: y_c ← exp(x_c − m) / sum",
  ],
  mistakes: [
    {
      name: "without the shift by the maximum",
      wrong: `  for (let start = 0; start < rows * cols; start += cols) {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c]);
    for (let c = 0; c < cols; c++) y[start + c] = Math.exp(x[start + c]) / sum;
  }`,
      says: "Large scores give ∞/∞, which is NaN. Make the largest exponent 0 first.",
      fault: "softmax: without the shift by the maximum",
    },
    {
      name: "the sum goes on from row to row",
      wrong: `  let sum = 0;
  for (let start = 0; start < rows * cols; start += cols) {
    const largest = maxOfRow(x, start, cols);
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c] - largest);
    for (let c = 0; c < cols; c++) y[start + c] = Math.exp(x[start + c] - largest) / sum;
  }`,
      says: "The first row is right, the second sums to less than 1. Where does a row's sum begin?",
    },
    {
      name: "not divided by the sum",
      wrong: `  for (let start = 0; start < rows * cols; start += cols) {
    const largest = maxOfRow(x, start, cols);
    for (let c = 0; c < cols; c++) y[start + c] = Math.exp(x[start + c] - largest);
  }`,
      says: "The numbers are positive, but a row does not sum to 1.",
    },
  ],
};
