import type { CodeExercise } from "../../exercise.ts";

const inside = (result: string) => `
    const [x, scale, zero] = this.prev;
    const { steps } = stepsOf(x, scale, zero);
    return ${result};`;

export const fakeQuantizeInside: CodeExercise = {
  id: "fake-quantize-inside",
  kind: "find",
  title: "Where a gradient may pass a rounding",
  points: 25,
  part: "implementation",
  note: "17-quantization#the-rule",
  source: "tensorgrad/src/17-quantization/aware.ts",
  starts: "the gradient passes beyond the range",
  task: `
\`FakeQuantize\` rounds numbers as inference will: y = (clamp(round(x/scale) + zero, low, high) − zero)·scale. The slope of a step is 0, so training could not see it.
The straight-through estimator passes the gradient as if nothing had been rounded. Where the clamp has cut off, it passes nothing: moving x there changes nothing.

\`#inside\` says for each element whether it lies within the range. \`stepsOf\` gives round(x/scale) + zero before it is cut off. With the planted bug
weights that are far out of the range go on moving. Mend it.`,
  hints: [
    "x is far above the largest number that the integers can stand for. What is the slope of y there?",
    "The clamp looks at the steps, not at x. Compare the steps with the same two bounds.",
    "inside = (steps ≥ low) and (steps ≤ high), for each element.",
    "steps of x; one comparison with low, one with high; combine them with logicalAnd.",
  ],
  mistakes: [
    {
      name: "the gradient passes beyond the range",
      wrong: inside("steps.eq(steps)"),
      says: "Nothing is cut off on the way back. Beyond the range y is constant, so no gradient may pass.",
      fault: "FakeQuantize: gradient beyond the range",
    },
    {
      name: "the true slope of a step",
      wrong: inside("steps.ne(steps)"),
      says: "The slope of rounding is 0 everywhere, and nothing would ever be learned. The estimator passes the gradient within the range.",
    },
    {
      name: "only the upper end cut off",
      wrong: inside("steps.le(this.high)"),
      says: "The range has two ends. Numbers below the lower one are cut off as well.",
    },
    {
      name: "x compared with bounds of the steps",
      wrong: inside("x.ge(this.low).logicalAnd(x.le(this.high))"),
      says: "The bounds are integers: steps of the scale. x is a number before it is divided.",
    },
  ],
};
