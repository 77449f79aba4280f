import { DataLoader, TensorDataset } from "tensorgrad/data";
import { describe, expect, it } from "vitest";
import { heap, scope } from "../../src/00-runtime/index.ts";
import { ones, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import { Linear, Module, Parameter } from "../../src/03-layers/index.ts";
import { mse } from "../../src/04-losses/index.ts";
import { SGD } from "../../src/06-optimizers/index.ts";
import type { Batch } from "../../src/07-training/batches.ts";
import { DivergenceError } from "../../src/07-training/divergence.ts";
import { Trainer } from "../../src/07-training/trainer.ts";
import { column, scaling } from "./scaling.fixture.ts";

describe("Trainer with what cannot be trained on", () => {
  it("stops before a loss that is not finite changes the weights", async () => {
    const { model, trainer } = scaling();
    const batches = [
      { x: column(1), y: column(3) },
      { x: column(Number.NaN), y: column(2) },
    ];
    await expect(trainer.trainEpoch(batches)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is NaN at step 2 (epoch 1): the batch's x [1, 1] is not finite — training stops before such a step changes the weights; look for NaN in the data]`,
    );
    expect(model.layer.weight.item()).toBeCloseTo(1.4, 6);
  });

  it("names the parameter that went wrong first", async () => {
    const { model, trainer } = scaling();
    model.layer.weight.assign(tensor([[Number.POSITIVE_INFINITY]]));
    const fit = trainer.fit([{ x: column(1), y: column(3) }]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is Infinity at step 1 (epoch 1): parameter layer.weight [1, 1] is not finite — training stops before such a step changes the weights; lower the learning rate or clip the gradients]`,
    );
  });

  it("says when the loss overflowed by itself", async () => {
    const { trainer } = scaling();
    const fit = trainer.fit([{ x: column(1e30), y: column(0) }]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is Infinity at step 1 (epoch 1): Square (after layer.weight) makes Infinity at element 0 of its result [1, 1] from inputs [1, 1] — training stops before such a step changes the weights; lower the learning rate, scale the data down, or keep that operation's input in its domain]`,
    );
  });

  it("names the first operation that makes NaN, and the parameter before it", async () => {
    const loss = (output: Tensor, y: Tensor): Tensor => output.log().sub(y).mean(); // of a negative number
    const { model, trainer } = scaling({ loss });
    const fit = trainer.fit([{ x: column(1, -2), y: column(0, 0) }]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is NaN at step 1 (epoch 1): Log (after layer.weight) makes NaN at element 1 of its result [2, 1] from inputs [2, 1] — training stops before such a step changes the weights; lower the learning rate, scale the data down, or keep that operation's input in its domain]`,
    );
    expect(model.layer.weight.item()).toBe(1);
  });

  it("tells ∞ that an operation made of finite numbers from NaN that came of it", async () => {
    const loss = (output: Tensor): Tensor => output.exp().sub(output.exp()).mean(); // ∞ − ∞
    const fit = scaling({ loss }).trainer.fit([{ x: column(1000), y: column(0) }]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is NaN at step 1 (epoch 1): Sub (after layer.weight) makes NaN at element 0 of its result [1, 1] from inputs [1, 1], [1, 1], among them ∞ — training stops before such a step changes the weights; lower the learning rate, scale the data down, or keep that operation's input in its domain]`,
    );
  });

  it("is not misled by the −∞ of a mask", async () => {
    const masked = (output: Tensor): Tensor => output.maskedFill(output.gt(1.5), Number.NEGATIVE_INFINITY);
    const softmaxed = (x: Tensor): Tensor => x.exp().div(x.exp().sum());
    const fit = scaling({ loss: (output) => softmaxed(masked(output)).log().mul(0).mean() }).trainer.fit([
      { x: column(1, 2), y: column(0, 0) },
    ]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is NaN at step 1 (epoch 1): Mul (after layer.weight) makes NaN at element 1 of its result [2, 1] from inputs [2, 1], [], among them ∞ — training stops before such a step changes the weights; lower the learning rate, scale the data down, or keep that operation's input in its domain]`,
    );
  });

  it("names what was computed without gradients, and a buffer", async () => {
    const constant = scaling({ loss: (output) => output.mul(column(-1).sqrt()).mean() });
    const one = [{ x: column(1), y: column(0) }];
    await expect(constant.trainer.fit(one)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is NaN at step 1 (epoch 1): a tensor [1, 1] that no gradient flows to is not finite — training stops before such a step changes the weights; look at how it is computed]`,
    );
    const { model, trainer } = scaling();
    Object.assign(model, { mean: tensor([1, Number.NaN]), forward: (x: Tensor) => x.mul(Number.NaN) });
    await expect(trainer.fit(one)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the loss is NaN at step 1 (epoch 1): buffer mean [2] is not finite — training stops before such a step changes the weights; lower the learning rate or clip the gradients]`,
    );
  });

  it("stops before gradients that are not finite change the weights, though the loss is", async () => {
    const { model, trainer } = scaling({ loss: (output) => output.sub(1).abs().sqrt().mean() }); // slope ∞ at 1
    const fit = trainer.fit([
      { x: column(3), y: column(0) },
      { x: column(1), y: column(0) },
    ]);
    model.layer.weight.assign(tensor([[1 / 3]]));
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the gradient of layer.weight [1, 1] is not finite at step 1 (epoch 1), with a loss of 0 — training stops before such a step changes the weights; find the operation with detectAnomaly(): a root or logarithm at 0, or an overflow]`,
    );
    expect(model.layer.weight.item()).toBeCloseTo(1 / 3, 6);
    expect(model.layer.weight.grad).toBeNull();
    await expect(fit).rejects.toBeInstanceOf(DivergenceError);
  });

  it("refuses a parameter that the model does not list: it would be neither trained nor saved", async () => {
    class Private extends Module {
      readonly first = new Linear(1, 1);
      readonly #second = new Linear(1, 1);
      override forward(x: Tensor): Tensor {
        return this.#second.forward(this.first.forward(x));
      }
    }
    const model = new Private();
    const one = [{ x: column(1), y: column(3) }];
    const optimizer = new SGD(model.parameters());
    await expect(
      new Trainer({ model, optimizer, loss: mse }).fit(one),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: trainEpoch: the loss depends on a parameter of shape [1, 1] that is not among Private.parameters(), so it is neither trained nor saved — a module's parameters and parts are found in its properties, and in lists, Maps, Sets and plain objects there, but not in a #private field or inside another class; make it a property]`,
    );
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
    const scale = new Parameter(ones([1]));
    const learnable = (output: Tensor, y: Tensor): Tensor => mse(output.mul(scale), y);
    const known = scaling();
    const both = new SGD([...known.model.parameters(), scale]);
    await new Trainer({ model: known.model, optimizer: both, loss: learnable }).fit(one); // moved, so somebody knows it
    expect(scale.item()).not.toBe(1);
  });

  it("refuses a batch without examples", async () => {
    const { trainer } = scaling();
    const empty = { x: zeros([0, 1]), y: zeros([0, 1]) };
    await expect(trainer.fit([empty])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: trainEpoch: a batch of x [0, 1], y [0, 1] — a batch holds at least one example; leave empty ones out]`,
    );
    await expect(trainer.evaluate([empty])).rejects.toThrow("evaluate: a batch of x [0, 1]");
  });

  it("refuses a loader that has no batches", async () => {
    await expect(scaling().trainer.fit([])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: no batches in epoch 1 — there is nothing to work on; an iterator can be used only once: pass a DataLoader or a list, which starts again in every epoch]`,
    );
    const none = new DataLoader(new TensorDataset(zeros([3, 1]), zeros([3, 1])), {
      batchSize: 4,
      dropLast: true,
    });
    await expect(scaling().trainer.fit(none)).rejects.toThrow("no batches in epoch 1");
  });

  it("closes the source of the batches, and every scope, when a step fails", async () => {
    const { trainer } = scaling();
    let closed = false;
    function* source(): Generator<Batch> {
      try {
        for (;;) yield { x: column(Number.NaN), y: column(1) };
      } finally {
        closed = true;
      }
    }
    const outer = scope();
    const before = heap.live;
    await expect(trainer.trainEpoch(source())).rejects.toThrow(/NaN/);
    expect(closed).toBe(true);
    expect(heap.live - before).toBeLessThanOrEqual(256); // the generator's own batch
    outer.dispose();
    expect(heap.live).toBe(before);
  });

  it("refuses a learning rate that is none", async () => {
    const { trainer } = scaling({ schedule: { getLr: () => Number.NaN } });
    const fit = trainer.fit([{ x: column(1), y: column(3) }]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the schedule gives lr NaN for step 0 — it must be finite and ≥ 0]`,
    );
  });

  it("refuses a loss of several numbers", async () => {
    const { trainer } = scaling({ loss: (output, y) => output.sub(y) });
    const fit = trainer.fit([{ x: column(1, 2), y: column(3, 4) }]);
    await expect(fit).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: trainEpoch: the loss has shape [2, 1] — expected a single number; reduce with .mean()]`,
    );
  });

  it("refuses what is no batch", async () => {
    const { trainer } = scaling();
    const fit = (batches: unknown): Promise<unknown> => trainer.fit(batches as Batch[]);
    await expect(fit([{ input: 1, label: 2 }])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: trainEpoch: got a batch { input, label } — expected { x, y }, two tensors]`,
    );
    await expect(fit([undefined])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: trainEpoch: got a batch undefined — expected { x, y }, two tensors]`,
    );
    await expect(fit(5)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: trainEpoch: got number, not something to iterate over — expected batches { x, y }: a DataLoader, or a list]`,
    );
    await expect(fit(null)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: trainEpoch: got null, not something to iterate over — expected batches { x, y }: a DataLoader, or a list]`,
    );
  });
});
