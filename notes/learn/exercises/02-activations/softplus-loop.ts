import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "softplus-loop",
  title: "Softplus without overflow",
  kind: "write",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/02-activations/piecewise.reference.ts",
  note: "02-activations#three-classic-bugs",
  task: "Softplus is ln(1 + e^(βx))/β: a ReLU without a kink. As it stands it overflows for large x, and loses all digits for very negative x. Show by hand that it equals max(x, 0) + ln(1 + e^(−|βx|))/β. Write the loop over n elements with that form. Where βx is above the threshold, the result is x itself. `Math.log1p(t)` is ln(1 + t) with all digits of a small t.",
  hints: [
    "For which sign of z does e^z overflow? What is ln(1 + e^z) − z?",
    "Take the larger of x and 0 out; the exponent that is left is never positive.",
    "z = βx; y = x if z > threshold, else max(x, 0) + log1p(e^(−|z|))/β",
    "for i below n: z ← beta · x[i]; y[i] ← z > threshold ? x[i] : max(x[i], 0) + log1p(exp(−|z|)) / beta",
  ],
  mistakes: [
    {
      name: "the exponential overflows",
      wrong: `  for (let i = 0; i < n; i++) {
    const z = beta * x[i];
    y[i] = z > threshold ? x[i] : Math.log1p(Math.exp(z)) / beta;
  }`,
      says: "The exponent may be 1000. Take the larger of x and 0 out first.",
    },
    {
      name: "not divided by beta",
      wrong: `  for (let i = 0; i < n; i++) {
    const z = beta * x[i];
    y[i] = z > threshold ? x[i] : Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }`,
      says: "The second term must shrink as the bend gets sharper. With beta = 2 it is twice too large.",
    },
    {
      name: "threshold forgotten",
      wrong: `  for (let i = 0; i < n; i++) {
    const z = beta * x[i];
    y[i] = Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(z))) / beta;
    if (threshold < 0) y[i] = x[i];
  }`,
      says: "Above the threshold the result is x itself, as the option promises.",
      fault: "softplus: threshold forgotten",
    },
    {
      name: "small terms are rounded away",
      wrong: `  for (let i = 0; i < n; i++) {
    const z = beta * x[i];
    y[i] = z > threshold ? x[i] : Math.max(x[i], 0) + Math.log(1 + Math.exp(-Math.abs(z))) / beta;
  }`,
      says: "1 + t is 1 for a tiny t, and its logarithm 0. One function of `Math` keeps the digits.",
    },
  ],
};
