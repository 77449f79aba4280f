import { describe, expect, it } from "vitest";
import { heap, scope } from "../00-runtime/index.ts";
import { tensor } from "../01-tensor/index.ts";
import type { Batch } from "./batches.ts";
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
