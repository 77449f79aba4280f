import type { CodeExercise } from "../../exercise.ts";

const back = (toN: string, toR: string, toZ: string, toQ: string, direct: string) => `
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      const [at, gate] = [row * cols + j, 3 * row * cols + j];
      const [r, z, n] = [gates[gate], gates[gate + cols], gates[gate + 2 * cols]];
      const g = gy[at] + dh[at];
      const toN = ${toN};
      const toR = ${toR};
      const toZ = ${toZ};
      [dx[gate], dx[gate + cols], dx[gate + 2 * cols]] = [toR, toZ, toN];
      [dr[gate], dr[gate + cols], dr[gate + 2 * cols]] = [toR, toZ, ${toQ}];
      dhBefore[at] = ${direct};
    }
  }`;

const N = "g * (1 - z) * (1 - n * n)";
const R = "toN * candidate[at] * r * (1 - r)";
const Z = "g * (h[at] - n) * z * (1 - z)";

export const gruBackward: CodeExercise = {
  id: "gru-backward",
  kind: "derive",
  title: "Back through a gated unit",
  points: 30,
  part: "implementation",
  note: "20-recurrent#the-rule",
  source: "tensorgrad/src/20-recurrent/gru.reference.ts",
  task: `
One step of a GRU is h′ = (1 − z)·n + z·h, n = tanh(a + r·q), with r and z the σ of their sums. Here a is W·x + b of n, and q is R·h + b′ of n.
Derive the gradients of all sums on paper. Then write them for \`rows\` sequences of \`cols\` numbers.

\`gates\` holds r, z and n, three blocks of \`cols\` in each row; \`candidate\` holds q, \`h\` the state before. The gradient of h′ is \`gy\` + \`dh\`.
\`dx\` takes the gradients of the sums W·x + b and \`dr\` those of R·h + b′, both laid out as \`gates\`. \`dhBefore\` takes the part of h's gradient that does not go through R.`,
  hints: [
    "By how many ways does h reach h′? Which of them go through R?",
    "Write the slope of h′ with respect to n and z first. σ has the slope σ(1 − σ) and tanh has 1 − tanh². r acts inside tanh, as a factor of q.",
    "g = gy + dh; dn = g(1 − z)(1 − n²); dr = dn·q·r(1 − r); dz = g(h − n)·z(1 − z); of q: dn·r; direct: g·z.",
    "for each row and number: r, z, n, g; the three gradients; dx = [dr, dz, dn]; dr = [dr, dz, dn·r]; dhBefore = g·z.",
  ],
  mistakes: [
    {
      name: "the second bias's gradient without r",
      wrong: back(N, R, Z, "toN", "g * z"),
      says: "R·h + b′ of the candidate stands inside the product with r. Its gradient has that factor, and that of W·x + b has not.",
      fault: "GRU, one direction: the second bias's gradient without r",
    },
    {
      name: "the candidate and the state exchanged in z's gradient",
      wrong: back(N, R, "g * (n - h[at]) * z * (1 - z)", "toN * r", "g * z"),
      says: "A larger z takes more of h and less of n. The sign of z's gradient is the other one.",
    },
    {
      name: "the direct way of h forgotten",
      wrong: back(N, R, Z, "toN * r", "0"),
      says: "h reaches h′ without passing through R as well. This way carries gradients far back.",
    },
    {
      name: "only the output's gradient counted",
      wrong: back(N, R, Z, "toN * r", "g * z").replace("gy[at] + dh[at]", "gy[at]"),
      says: "h′ is seen by the output and by the next step. The gradients of both add up.",
    },
  ],
};
