import type { Exercise } from "../../exercise.ts";

export const readEmbeddings: Exercise = {
  id: "read-embeddings",
  title: "Read: rows, angles and slopes",
  points: 10,
  part: "reflection",
  kind: "read",
  note: "11-embeddings#the-rule",
  task: "Read *By hand first* and *The rule* of note 11. Then answer with numbers. The check computes them with the library.",
  hints: [
    "Which of these depend on the position, and which on a distance alone?",
    "*By hand first* adds gradients of a row. Rotations make scores depend on distances. ALiBi's slopes are in the docstring of `alibiSlopes`.",
    "g is added to the row it came from; (R(s)·q)·(R(t)·k) depends on t − s; the first pair turns by 1 radian a position; slopes are 2^(−8/H), 2^(−16/H), …; the bias is −slope·distance",
    "3 + 4; 2 + (47 − 40); 3·1; −2^(−1)·4",
  ],
  questions: [
    { name: "row", ask: "Ids 4, 1, 4 have the gradients 3, 5, 4 (width 1). The gradient of row 4?" },
    {
      name: "place",
      ask: "A query at 40 and a key at 47 have the same score as the query at 2 and the key at …?",
    },
    { name: "angle", ask: "By how many radians does the fastest pair turn at position 3 (base 10,000)?" },
    { name: "bias", ask: "ALiBi with 8 heads: what is added to the first head's score at a distance of 4?" },
  ],
  mistakes: [
    {
      name: "the last use alone",
      wrong: { row: 4, place: 47, angle: 1, bias: -4 },
      says: "A row that is used twice gets both gradients. And a score with rotations depends on the distance, not on the place.",
    },
    {
      name: "the mean of both uses",
      wrong: { row: 3.5, place: 5, angle: 3e-4, bias: 2 },
      says: "Gradients of uses are added, not averaged. The slowest pair turns by 1/10,000, the fastest by 1. And a bias lowers the score.",
    },
  ],
};
