import { Random } from "tensorgrad";
import { measure, text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import { type TrainingCase, trainingCases } from "../table/trainings.ts";
import { type TrainingParity, trainingStepParity } from "./training.ts";

/** Trains one row of the table in both engines; the same numbers for the same seed. */
export function checkTrainingCase(
  { name, dtype, tolerance, make, optimizer }: TrainingCase,
  { seed = 1, steps = 200 }: { readonly seed?: number; readonly steps?: number } = {},
): Promise<TrainingParity> {
  const { model, inputs, targets, loss } = make(new Random(seed));
  const typed = targets.isFloat ? targets.to(dtype) : targets;
  const options = { loss, targets: typed, optimizer, tolerance, steps, batchSize: 16, name };
  return trainingStepParity(model.to(dtype), inputs.to(dtype), options);
}

/**
 * Level 4, second half: the optimizer's step is part of the graph as well. Each engine feeds on its own results, so
 * errors add up over the steps as they would in use. That the weights moved, and the loss fell, is part of the
 * evidence: two engines that do nothing agree to the last bit.
 */
export const training: Section<TrainingParity, TrainingCase> = {
  part: "parity",
  title: "Training in both engines",
  about:
    "The same training twice: here, and as an exported step that ONNX Runtime runs on its own results. " +
    "What dropout draws here is an input there, at every step anew. " +
    "Largest difference of any weight after the last step.",
  items: () => trainingCases,
  check: (row, { seed, steps }) => checkTrainingCase(row, { seed, steps }),
  columns: {
    training: (t) => text(t.name),
    steps: (t) => text(t.steps),
    "dropout masks": (t) => text(t.masks),
    "largest difference": (t) => measure(t.maxAbs, t.tolerance),
    allowed: (t) => measure(t.tolerance),
    "weights moved by": (t) => measure(t.moved),
    "first loss": (t) => measure(t.losses.first),
    "last loss": (t) => measure(t.losses.ours),
  },
  brief: ["training", "steps", "largest difference", "allowed", "weights moved by"],
  wrong: ({ name, passed, maxAbs }) => (passed ? null : `training of ${name}: weights off by ${maxAbs}`),
  counts: [{ key: "trainingSteps", label: "trainings in both engines" }],
};
