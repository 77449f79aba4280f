import type { CodeExercise } from "../../exercise.ts";

const loops = (start: string, product: string, place: string) => `
  const [m, k, n] = sizes("naiveMatmul", a, b);
  const [left, right, c] = [a.data, b.data, new Float64Array(m * n)];
  ${start}
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      ${start === "" ? "let sum = 0;" : ""}
      for (let p = 0; p < k; p++) sum += ${product};
      c[${place}] = sum;
    }
  return a.newFrom(c, [m, n]);`;

const PRODUCT = "left[i * k + p] * right[p * n + j]";

export const matmulNaive: CodeExercise = {
  id: "matmul-naive",
  kind: "write",
  title: "The first rung of the ladder",
  points: 20,
  part: "implementation",
  note: "16-acceleration#by-hand-first",
  source: "tensorgrad/src/16-acceleration/vectorized.ts",
  task: `
Write the definition of a matrix product in three loops: \`c[i, j] = Σₚ a[i, p]·b[p, j]\`.
The matrices are [m, k] and [k, n], and their numbers lie row by row in \`a.data\` and \`b.data\`.

Begin with \`const [m, k, n] = sizes("naiveMatmul", a, b);\`, which refuses shapes that do not fit.
End with \`return a.newFrom(c, [m, n]);\` for an array \`c\` of m·n numbers.`,
  hints: [
    "Where in `a.data` does row i begin, and where in `b.data` does row p?",
    "One sum belongs to each pair of a row of a and a column of b. Going down a column means jumping over a whole row each time.",
    "a[i, p] = left[i·k + p]; b[p, j] = right[p·n + j]; c[i, j] = c[i·n + j].",
    "for i < m, for j < n: sum = 0; for p < k: sum += left[i·k + p]·right[p·n + j]; c[i·n + j] = sum.",
  ],
  mistakes: [
    {
      name: "b read along its rows",
      wrong: loops("", "left[i * k + p] * right[j * k + p]", "i * n + j"),
      says: "You multiply rows by rows: that is a·bᵀ. p is the row of b and j its column.",
    },
    {
      name: "the sum not begun anew",
      wrong: loops("let sum = 0;", PRODUCT, "i * n + j"),
      says: "Each number of c has a sum of its own, which begins at 0.",
    },
    {
      name: "the result written column by column",
      wrong: loops("", PRODUCT, "j * m + i"),
      says: "The numbers are right and their places are not: c lies row by row, and its rows have n numbers.",
    },
  ],
};
