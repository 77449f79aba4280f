import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "cross-entropy-loop",
  title: "Cross-entropy without a probability",
  kind: "write",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/04-losses/cross-entropy.reference.ts",
  note: "04-losses#the-rule",
  task: "x holds `rows` rows of `cols` logits; `targets[r]` is the true class of row r. Write the loss of each row, −ln softmax(x)[target], without forming a probability. Rows with a negative target do not count: their loss is 0. `maxOfRow` and `sumExp(x, start, cols, shift)` are there; `sumExp` sums e^(x − shift).",
  hints: [
    "Write −ln(e^(x_t)/S) as a difference. Which part of it could overflow?",
    "Take the maximum m out of the sum: ln Σ e^(x) = m + ln Σ e^(x − m).",
    "loss = ln Σ_j e^(x_j − m) − (x_t − m)",
    "for each row: start ← r · cols; m ← maxOfRow; logSum ← ln sumExp(x, start, cols, m); loss[r] ← target < 0 ? 0 : logSum − (x[start + target] − m)",
  ],
  mistakes: [
    {
      name: "the exponential overflows",
      wrong: `  for (let r = 0; r < rows; r++) {
    const start = r * cols;
    const logSum = Math.log(sumExp(x, start, cols, 0));
    loss[r] = targets[r] < 0 ? 0 : logSum - x[start + targets[r]];
  }`,
      says: "A logit of 1000 gives an infinite sum. Shift by the row's maximum.",
    },
    {
      name: "the target's logit is not shifted",
      wrong: `  for (let r = 0; r < rows; r++) {
    const start = r * cols;
    const largest = maxOfRow(x, start, cols);
    const logSum = Math.log(sumExp(x, start, cols, largest));
    loss[r] = targets[r] < 0 ? 0 : logSum - x[start + targets[r]];
  }`,
      says: "The sum was shifted by the maximum, so the target's logit must be, too.",
    },
    {
      name: "in bits, not nats",
      wrong: `  for (let r = 0; r < rows; r++) {
    const start = r * cols;
    const largest = maxOfRow(x, start, cols);
    const logSum = Math.log(sumExp(x, start, cols, largest));
    loss[r] = targets[r] < 0 ? 0 : (logSum - (x[start + targets[r]] - largest)) / Math.LN2;
  }`,
      says: "The surprise was counted in bits. The natural logarithm counts in nats.",
      fault: "crossEntropy: in bits, not nats",
    },
    {
      name: "rows without a class are counted",
      wrong: `  for (let r = 0; r < rows; r++) {
    const start = r * cols;
    const largest = maxOfRow(x, start, cols);
    const logSum = Math.log(sumExp(x, start, cols, largest));
    loss[r] = logSum - (x[start + Math.max(0, targets[r])] - largest);
  }`,
      says: "A negative target means: this row does not count. Its loss is 0.",
    },
  ],
};
