import { ones, Random, randn, type Tensor, zeros } from "tensorgrad";
import { Linear, mse } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { describe, expect, it } from "vitest";
import { trainingStepParity } from "./parity-training.ts";
import { checkTrainingCase, trainingCases } from "./parity-training-cases.ts";

const random = new Random(5);

describe("200 training steps in both engines", () => {
  it.each(trainingCases)("$name", async (row) => {
    const { passed, drift, moved, losses } = await checkTrainingCase(row);
    expect(passed).toBe(true);
    expect(drift.length).toBe(200);
    expect(drift[9]).toBeLessThan(1e-6);
    expect(moved).toBeGreaterThan(0.1);
    expect(losses.theirs).toBeLessThan(losses.first / 4);
  });
});

describe("trainingStepParity", () => {
  const x = randn([12, 3], { random });
  const targets = x.sum(1, { keepDim: true });

  it("compares state, too, and gives the model back as it was", async () => {
    const model = new Linear(3, 1, { random });
    const before = model.weight.toArray();
    const report = await trainingStepParity(model, x, {
      loss: mse,
      targets,
      optimizer: (p) => new SGD(p, { lr: 0.1, momentum: 0.5 }),
      batchSize: 5, // the last two rows make no batch
    });
    expect([report.passed, report.steps]).toEqual([true, 10]);
    expect(report.tensors.map(({ name }) => name)).toEqual([
      ...["weight", "velocity.weight", "bias", "velocity.bias", "step"],
    ]);
    expect([model.weight.toArray(), model.weight.grad]).toEqual([before, null]);
  });

  it("finds an optimizer that moves otherwise", async () => {
    class Hasty extends SGD {
      protected override update(...[p, g, state, settings, step]: Parameters<SGD["update"]>): void {
        super.update(p, g, state, { ...settings, lr: settings.lr * 1.001 }, step);
      }
    }
    const optimizer = (p: readonly Tensor[]) => new Hasty(p, { lr: 0.1 });
    const model = new Linear(3, 1, { random });
    const report = await trainingStepParity(model, x, { loss: mse, targets, optimizer });
    expect(report.passed).toBe(false);
    expect(report.drift[0]).toBeGreaterThan(1e-5);
  });

  it("wants at least one full batch", async () => {
    const optimizer = (p: readonly Tensor[]) => new SGD(p);
    const options = { loss: mse, targets: zeros([2, 1]), optimizer, batchSize: 3 };
    await expect(
      trainingStepParity(new Linear(3, 1), ones([2, 3]), options),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainingStepParity: batches of 3 from 2 rows — there must be at least one full batch]`,
    );
  });
});
