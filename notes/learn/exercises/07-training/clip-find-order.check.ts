import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { Linear, mse } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { type StepResult, Trainer, type TrainerOptions } from "tensorgrad/train";
import type { Checks } from "../../exercise.ts";

/** How far one step moves w = 4 of y = w·x with lr 1, and the length that was reported; batches of 3 and of 1 examples. */
async function moved(options: Partial<TrainerOptions>) {
  const model = new Linear(1, 1, { bias: false });
  model.weight.assign(tensor([[4]]));
  let reported = 0;
  const callback = {
    onStepEnd: (_: Trainer, { gradNorm }: StepResult) => {
      reported = gradNorm;
    },
  };
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  const trainer = new Trainer({
    model,
    optimizer,
    loss: mse,
    callbacks: [callback],
    accumulate: 2,
    ...options,
  });
  const column = (...values: number[]) => tensor(values.map((value) => [value]));
  await trainer.fit([
    { x: column(1, 1, 1), y: column(0, 0, 0) },
    { x: column(1), y: column(0) },
  ]);
  return { length: 4 - model.weight.item(), reported };
}

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < 1e-4, `${what} ${actual}, expected ${expected}`);

export const checks: Checks = {
  "a clipped step has the length that was allowed": async () =>
    near((await moved({ clipGradNorm: 1 })).length, 1, "lr 1, clipGradNorm 1: the step has the length"),
  "the penalty is clipped, too": async () =>
    near(
      (await moved({ clipGradNorm: 1, regularize: { l2: 1 } })).length,
      1,
      "lr 1, clipGradNorm 1, a penalty: the step has the length",
    ),
  "the length before clipping is reported": async () =>
    near((await moved({ clipGradNorm: 1 })).reported, 8, "four gradients of 8: the length reported is"),
};

export const probes = async () => {
  const all = [
    await moved({ clipGradNorm: 1, regularize: { l2: 1 } }),
    await moved({ clipGradValue: 2, regularize: { l1: 1 } }),
  ];
  return all.flatMap(({ length, reported }) => [length, reported]);
};
