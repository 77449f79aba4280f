import type { Exercise } from "../../exercise.ts";

export const rotaryTurn: Exercise = {
  id: "rotary-turn",
  title: "Rotary positions: turn every pair",
  points: 25,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/11-embeddings/rotary.reference.ts",
  note: "11-embeddings#the-rule",
  task:
    "Row t of x has 2·half numbers, which make pairs (x[i], x[i + half]). Turn each pair by the angle of position t and number i. " +
    "`table` has the cosine at 2·half·t + i, and the sine `half` places further. `sense` is 1, or −1 to turn back. " +
    "x and y are [outer, heads, rows, 2·half]; xOuter, xHead and xRow say how far apart their parts lie.",
  hints: [
    "A point (a, b) turns by an angle φ. Where does it go? Try (1, 0) first.",
    "Positions are the rows, not the heads. All heads turn alike. The two formulas stand in the docstring of `Rotate` and in the excerpt of note 11.",
    "y[i] = a·cos φ − b·sin φ, y[i + half] = b·cos φ + a·sin φ with a = x[i], b = x[i + half]; turning back changes the sign of the sine",
    "for outer, head, row t: from, to ← the row's first places in x and y; for i below half: read cos and sense·sin; read a and b; write both results",
  ],
  mistakes: [
    {
      name: "turned the other way",
      wrong: `for (let o = 0; o < outer; o++)
  for (let h = 0; h < heads; h++)
    for (let t = 0; t < rows; t++) {
      const [from, to] = [o * xOuter + h * xHead + t * xRow, o * yOuter + h * yHead + t * yRow];
      for (let i = 0; i < half; i++) {
        const [cos, sin] = [table[2 * half * t + i], sense * table[2 * half * t + half + i]];
        const [a, b] = [x[from + i], x[from + half + i]];
        y[to + i] = a * cos + b * sin;
        y[to + half + i] = b * cos - a * sin;
      }
    }`,
      says: "(1, 0) at position 1 must become (cos 1, sin 1). Yours goes to (cos 1, −sin 1). Look at the signs of the sines.",
    },
    {
      name: "neighbours are paired",
      wrong: `for (let o = 0; o < outer; o++)
  for (let h = 0; h < heads; h++)
    for (let t = 0; t < rows; t++) {
      const [from, to] = [o * xOuter + h * xHead + t * xRow, o * yOuter + h * yHead + t * yRow];
      for (let i = 0; i < half; i++) {
        const [cos, sin] = [table[2 * half * t + i], sense * table[2 * half * t + half + i]];
        const [a, b] = [x[from + 2 * i], x[from + 2 * i + 1]];
        y[to + 2 * i] = a * cos - b * sin;
        y[to + 2 * i + 1] = b * cos + a * sin;
      }
    }`,
      says: "You turn the pairs (0, 1), (2, 3), … Both ways learn equally well. But weights of the one are nonsense in the other; here it is halves.",
    },
    {
      name: "the angle is that of the head, not of the position",
      fault: "RotaryEmbedding: the angle is that of the head, not of the position",
      wrong: `for (let o = 0; o < outer; o++)
  for (let h = 0; h < heads; h++)
    for (let t = 0; t < rows; t++) {
      const [from, to] = [o * xOuter + h * xHead + t * xRow, o * yOuter + h * yHead + t * yRow];
      for (let i = 0; i < half; i++) {
        const [cos, sin] = [table[2 * half * (h % rows) + i], sense * table[2 * half * (h % rows) + half + i]];
        const [a, b] = [x[from + i], x[from + half + i]];
        y[to + i] = a * cos - b * sin;
        y[to + half + i] = b * cos + a * sin;
      }
    }`,
      says: "Your angle depends on the head. Then all positions look alike. Which loop counts the rows?",
    },
    {
      name: "the second number sees what the first became",
      wrong: `for (let o = 0; o < outer; o++)
  for (let h = 0; h < heads; h++)
    for (let t = 0; t < rows; t++) {
      const [from, to] = [o * xOuter + h * xHead + t * xRow, o * yOuter + h * yHead + t * yRow];
      for (let i = 0; i < half; i++) {
        const [cos, sin] = [table[2 * half * t + i], sense * table[2 * half * t + half + i]];
        const [a, b] = [x[from + i], x[from + half + i]];
        y[to + i] = a * cos - b * sin;
        y[to + half + i] = b * cos + y[to + i] * sin;
      }
    }`,
      says: "You use a result where the old number belongs. Both results are made of a and b as they were.",
    },
  ],
};
