import type { CodeExercise } from "../../exercise.ts";

const step = (places: readonly [string, string, string, string], h: string, kept: string) => `
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < cols; j++) {
      const [at, gate] = [r * cols + j, 4 * r * cols + j];
      const i = logistic(gates[gate + ${places[0]} * cols]);
      const f = logistic(gates[gate + ${places[1]} * cols]);
      const g = Math.tanh(gates[gate + ${places[2]} * cols]);
      const o = logistic(gates[gate + ${places[3]} * cols]);
      next[at] = f * c[at] + i * g;
      h[at] = ${h};
      ${kept}
    }
  }`;

const OUTPUT = "o * Math.tanh(next[at])";
const KEPT =
  "[gates[gate], gates[gate + cols], gates[gate + 2 * cols], gates[gate + 3 * cols]] = [i, f, g, o];";

export const lstmStep: CodeExercise = {
  id: "lstm-step",
  kind: "write",
  title: "One step of an LSTM",
  points: 25,
  part: "implementation",
  note: "20-recurrent#by-hand-first",
  source: "tensorgrad/src/20-recurrent/lstm.reference.ts",
  task: `
Write what happens element by element in one step, for \`rows\` sequences of \`cols\` cells.
A row of \`gates\` holds four blocks of \`cols\` sums each, in the order i f g o. \`c\`, \`next\` and \`h\` are [rows, cols].

- i, f and o are σ of their sums (\`logistic\`), g is tanh of its own.
- The cell: c′ = f·c + i·g goes to \`next\`. The output: \`h\` = o·tanh c′.
- Backward needs the gates, so they take the places of their sums in \`gates\`.`,
  hints: [
    "Which of the four gates says what is kept, which what is written, and which what is shown?",
    "Element j of row r has its four sums `cols` apart. Do the example of the note by hand: its c′ is ln 3 and its h is 0.6.",
    "at = r·cols + j; its sums are gates[4·r·cols + j + k·cols], k = 0 … 3 for i f g o.",
    "for each row and cell: i, f, g, o from their sums; next = f·c + i·g; h = o·tanh(next); write i, f, g, o back where their sums stood.",
  ],
  mistakes: [
    {
      name: "forget gate and input gate swapped",
      wrong: step(["1", "0", "2", "3"], OUTPUT, KEPT),
      says: "The first block is the input gate, and the second the forget gate. Shapes fit either way, so nothing complains.",
      fault: "LSTM, one direction: forget gate and input gate swapped",
    },
    {
      name: "output gate and candidate swapped",
      wrong: step(["0", "1", "3", "2"], OUTPUT, KEPT),
      says: "The third block is the candidate g, the fourth the output gate. ONNX has them in another order; here it is i f g o.",
      fault: "LSTM, one direction: output gate and candidate swapped",
    },
    {
      name: "the cell shown without tanh",
      wrong: step(["0", "1", "2", "3"], "o * next[at]", KEPT),
      says: "The cell may grow step by step. tanh keeps what is shown between −1 and 1.",
    },
    {
      name: "the gates not kept",
      wrong: step(["0", "1", "2", "3"], OUTPUT, ""),
      says: "The forward pass is right. But backward finds sums where it expects gates.",
    },
  ],
};
