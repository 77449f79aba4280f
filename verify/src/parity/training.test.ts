import { ones, Random, randn, type Tensor, zeros } from "tensorgrad";
import { Dropout, Linear, mse, Sequential } from "tensorgrad/nn";
import { AdamW, SGD } from "tensorgrad/optim";
import { describe, expect, it } from "vitest";
import { trainingCases } from "../table/trainings.ts";
import { trainingStepParity } from "./training.ts";
import { checkTrainingCase } from "./training-cases.ts";

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

  const silenced = () => new Sequential(new Linear(3, 8), new Dropout(0.5), new Linear(8, 1)).to("float64");
  const wide = { loss: mse, targets: targets.to("float64"), tolerance: 1e-13 };

  it("gives both engines the same dropout, other at every step", async () => {
    const optimizer = (p: readonly Tensor[]) => new AdamW(p, { lr: 0.01 });
    const options = { ...wide, optimizer, batchSize: 6, steps: 50 };
    const report = await trainingStepParity(silenced(), x.to("float64"), options);
    expect([report.passed, report.masks]).toEqual([true, 1]);
    const evaluated = await trainingStepParity(silenced().eval(), x.to("float64"), options);
    expect([evaluated.passed, evaluated.masks]).toEqual([true, 0]);
  });

  it("finds a layer that goes on otherwise than it was exported", async () => {
    const model = silenced();
    const dropout = model.children()[1][1] as Dropout;
    const masked = dropout.forward.bind(dropout);
    let calls = 0; // the export makes two, our first step the third
    dropout.forward = (x) => (calls++ < 3 ? masked(x) : masked(x).mul(1 + 1e-9));
    const optimizer = (p: readonly Tensor[]) => new SGD(p, { lr: 0.1 });
    const report = await trainingStepParity(model, x.to("float64"), { ...wide, optimizer });
    expect([report.passed, report.drift[0] < 1e-13]).toEqual([false, true]);
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
