import type { CodeExercise } from "../../exercise.ts";

const unscale = (divided: string, smaller: string, counts: string, taken: string) => `
    ${divided}
    if (Number.isFinite(gradNorm(parameters))) {
      this.#grow();
      return true;
    }
    if (this.#value <= LEAST) throw noScaleHelps(this.#inARow, step, epoch, model);
    ${smaller}
    ${counts}
    return ${taken};`;

const DIVIDED = "if (this.#value !== 1) scaleGradients(parameters, 1 / this.#value);";
const SMALLER = "this.#value = Math.max(LEAST, this.#value / 2);";
const COUNTS = "[this.#good, this.#inARow, this.#skipped] = [0, this.#inARow + 1, this.#skipped + 1];";

export const lossScaleUnscale: CodeExercise = {
  id: "loss-scale-unscale",
  kind: "write",
  title: "The scale of the loss",
  points: 30,
  part: "implementation",
  note: "half-precision",
  source: "tensorgrad/src/16-acceleration/mixed-precision-scale.ts",
  task: `
In float16 small gradients become 0. So the loss was multiplied by \`this.#value\`, and all gradients are too large by this factor.
Write what happens before a step of the optimizer:

1. Divide the gradients by the scale: \`scaleGradients(parameters, factor)\` multiplies them.
2. If \`gradNorm(parameters)\` is finite, call \`this.#grow()\`, which doubles the scale now and then, and return true.
3. Else the step must be skipped. If the scale is \`LEAST\` already, \`throw noScaleHelps(this.#inARow, step, epoch, model)\`.
   Otherwise halve it, but not below \`LEAST\`. \`#good\` counts steps since the last overflow, \`#inARow\` overflows without a step between them, and
   \`#skipped\` all overflows. Return false.`,
  hints: [
    "Gradients were multiplied by 1,024 and clipping looks at their length. What must come first?",
    "An overflow leaves ∞ or NaN in a gradient; dividing does not take it away. Such a step would ruin the parameters, so nobody may take it.",
    "g ← g/scale; finite: grow, true; not finite: scale ← max(1, scale/2), good ← 0, inARow + 1, skipped + 1, false.",
    "divide; if the norm is finite: grow and return true; if the scale is LEAST: throw; halve; reset good, count the two others; return false.",
  ],
  mistakes: [
    {
      name: "the gradients stay scaled",
      wrong: unscale("", SMALLER, COUNTS, "false"),
      says: "The gradients leave as large as they came. Clipping and the optimizer would see them too large by the scale.",
      fault: "loss scale: not undone before clipping",
    },
    {
      name: "a step that overflowed is taken",
      wrong: unscale(DIVIDED, SMALLER, COUNTS, "true"),
      says: "One infinite gradient makes all moments of the optimizer infinite. Such a step is skipped.",
      fault: "loss scale: a step that overflowed is taken",
    },
    {
      name: "the scale stays after an overflow",
      wrong: unscale(DIVIDED, "", COUNTS, "false"),
      says: "The next step would overflow as well. An overflow says that the scale is too large.",
      fault: "loss scale: the scale stays after an overflow",
    },
    {
      name: "good steps counted on across an overflow",
      wrong: unscale(
        DIVIDED,
        SMALLER,
        "[this.#inARow, this.#skipped] = [this.#inARow + 1, this.#skipped + 1];",
        "false",
      ),
      says: "The scale grows after a number of steps without an overflow. The count begins anew at each one.",
    },
  ],
};
