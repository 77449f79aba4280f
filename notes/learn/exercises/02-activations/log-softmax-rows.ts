import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "log-softmax-rows",
  title: "Find the bug: a loss that becomes infinite",
  kind: "find",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/02-activations/softmax.reference.ts",
  starts: "the logarithm of a probability",
  note: "02-activations#three-classic-bugs",
  task: "After hours of training the loss is −∞, then NaN. It happens when one score of a row leads by far. `logSoftmax` computes ln(e^x / Σ e^x) as it is written. Simplify that by hand until no probability is formed. Find the line and put it right.",
  hints: [
    "How small is a probability that rounds to 0? What is its logarithm?",
    "The logarithm of a quotient is a difference, and ln e^t is t.",
    "ln(e^(x − m) / S) = x − m − ln S, with S = Σ e^(x_j − m)",
    "for each row: m ← maximum; sum ← Σ exp(x_c − m); logSum ← ln sum; for c: y_c ← x_c − m − logSum",
  ],
  mistakes: [
    {
      name: "the logarithm of a probability",
      wrong: `  for (let start = 0; start < rows * cols; start += cols) {
    const largest = maxOfRow(x, start, cols);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c] - largest);
    for (let c = 0; c < cols; c++) y[start + c] = Math.log(Math.exp(x[start + c] - largest) / sum);
  }`,
      says: "A tiny probability rounds to 0, and ln 0 is −∞. The exponential and the logarithm cancel.",
    },
    {
      name: "the maximum is not taken off again",
      wrong: `  for (let start = 0; start < rows * cols; start += cols) {
    const largest = maxOfRow(x, start, cols);
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c] - largest);
    const logSum = Math.log(sum);
    for (let c = 0; c < cols; c++) y[start + c] = x[start + c] - logSum;
  }`,
      says: "The sum was formed of shifted scores. The score itself must be shifted by as much.",
    },
    {
      name: "the sum overflows",
      wrong: `  for (let start = 0; start < rows * cols; start += cols) {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c]);
    const logSum = Math.log(sum);
    for (let c = 0; c < cols; c++) y[start + c] = x[start + c] - logSum;
  }`,
      says: "The formula is right, but e^1000 is infinite. Shift by the maximum as softmax does.",
    },
  ],
};
