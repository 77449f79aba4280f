import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { Linear, mse } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { type StepResult, Trainer } from "tensorgrad/train";
import type { Checks } from "../../exercise.ts";

/** y = w·x with w = 1, lr 0.1: the weight after one pass over these batches of x, where y should be 3; and the loss of each step. */
async function trained(batches: readonly (readonly number[])[], accumulate: number) {
  const model = new Linear(1, 1, { bias: false });
  model.weight.assign(tensor([[1]]));
  const losses: number[] = [];
  const callback = { onStepEnd: (_: Trainer, { loss }: StepResult) => void losses.push(loss) };
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const trainer = new Trainer({ model, optimizer, loss: mse, accumulate, callbacks: [callback] });
  const column = (values: readonly number[]) => tensor(values.map((value) => [value]));
  await trainer.fit(batches.map((x) => ({ x: column(x), y: column(x.map(() => 3)) })));
  return { weight: model.weight.item(), losses };
}

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < 1e-5, `${what}: ${actual}, expected ${expected}`);

export const checks: Checks = {
  "two equal batches are one of twice the size": async () =>
    near((await trained([[1], [2]], 2)).weight, 1.4, "the weight after the batches [1] and [2]"),
  "a batch weighs as many examples as it has": async () => {
    const [parts, whole] = [await trained([[1, 1, 1], [2]], 2), await trained([[1, 1, 1, 2]], 1)];
    near(parts.weight, whole.weight, "the weight after batches of 3 and 1 examples, against one batch of 4");
  },
  "the loss is a mean over examples": async () => {
    const [parts, whole] = [await trained([[1, 1, 1], [2]], 2), await trained([[1, 1, 1, 2]], 1)];
    near(parts.losses[0], whole.losses[0], "the loss of batches of 3 and 1 examples, against one batch of 4");
  },
};

export const probes = async () => {
  const all = [await trained([[1, 1, 1], [2]], 2), await trained([[1], [2], [1, 2]], 2)];
  return all.flatMap(({ weight, losses }) => [weight, ...losses]);
};
