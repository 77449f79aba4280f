import type { Exercise } from "../../exercise.ts";

const HEAD = `const parameters = options.optimizer.groups.flatMap(({ params }) => params);`;
const UNSCALE = `if (options.precision && !options.precision.unscale(parameters, options.model, when)) return null;`;
const LENGTH = `const length = gradNorm(parameters);
if (!Number.isFinite(length)) throw gradientDiverged(options.model, group.loss, when);`;
const REGULARIZE = `if (options.regularize) regularize(parameters, options.regularize);`;
const CLIP = `if (options.clipGradValue) clipGradValue(parameters, options.clipGradValue);
if (options.clipGradNorm) clipGradNorm(parameters, options.clipGradNorm);`;

export const clipFindOrder: Exercise = {
  id: "clip-find-order",
  title: "Find the bug: a step longer than it may be",
  points: 25,
  part: "implementation",
  kind: "find",
  starts: "clipped before the group is finished",
  source: "tensorgrad/src/07-training/gradients.ts",
  note: "07-training#the-rule",
  task:
    "`prepareGradients` turns the sum of a group's gradients into what the optimizer sees. All its parts are right, but one stands at the wrong place. " +
    "With `accumulate: 2`, `clipGradNorm: 1` and batches of unequal sizes, gradients arrive with a length above 1. Find the part, and move it.",
  hints: [
    "Which of these calls may change the length of a gradient?",
    "A limit holds only if nothing follows that makes gradients longer. `finish` in `accumulation.ts` says what it multiplies by, and when that is not 1.",
    "finish the group · undo the scale of the precision · measure the length · add the penalty · clip. Accumulated gradients are no mean before the first of these.",
    "parameters; group.finish; unscale; length and its check; regularize; clip by value, then by norm; return length",
  ],
  mistakes: [
    {
      name: "clipped before the group is finished",
      wrong: [HEAD, CLIP, `group.finish(parameters);`, UNSCALE, LENGTH, REGULARIZE, "return length;"].join(
        "\n",
      ),
      says: "Something still multiplies the gradients after you have clipped them. It only shows when batches differ in size.",
    },
    {
      name: "the penalty comes after clipping",
      wrong: [HEAD, `group.finish(parameters);`, UNSCALE, LENGTH, CLIP, REGULARIZE, "return length;"].join(
        "\n",
      ),
      says: "The penalty is added to gradients that are clipped already. So a large weight can still make a long step.",
    },
    {
      name: "measured after clipping",
      wrong: [HEAD, `group.finish(parameters);`, UNSCALE, REGULARIZE, CLIP, LENGTH, "return length;"].join(
        "\n",
      ),
      says: "The length that you report never exceeds the limit. Whoever watches the log cannot see the outliers any more.",
    },
  ],
};
