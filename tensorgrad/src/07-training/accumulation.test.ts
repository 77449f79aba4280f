import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { column, scaling } from "../../tests/07-training/scaling.fixture.ts";
import { settledHeap } from "../../tests/heap.fixture.ts";
import { heap, manualSeed } from "../00-runtime/index.ts";
import { cat, randn, type Tensor } from "../01-tensor/index.ts";
import { Tanh } from "../02-activations/index.ts";
import { Linear, Sequential } from "../03-layers/index.ts";
import { mse } from "../04-losses/index.ts";
import { SGD } from "../06-optimizers/index.ts";
import type { Batch } from "./batches.ts";
import type { TrainerOptions } from "./options.ts";
import { Trainer } from "./trainer.ts";

describe("accumulate", () => {
  it("takes one step for k batches: w = 1, gradients −4 and 3.2·…, mean 0", async () => {
    // loss (1·1 − 3)² with dw −4 and (1·2 − 1)² with dw 4: together they move nothing
    const { model, trainer } = scaling({ accumulate: 2 });
    const { losses, loss, steps } = await trainer.trainEpoch([
      { x: column(1), y: column(3) },
      { x: column(2), y: column(1) },
    ]);
    expect(model.layer.weight.item()).toBeCloseTo(1, 7);
    expect([losses, loss, steps, trainer.steps]).toEqual([[2.5], 2.5, 2, 1]);
  });

  it("equals one big batch, whatever the sizes, and so does a last group that is not whole", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        async (sizes, accumulate, known) => {
          const batches = sizes.map((size) => batchOf(size));
          const groups = Array.from({ length: Math.ceil(sizes.length / accumulate) }, (_, i) =>
            joined(batches.slice(i * accumulate, (i + 1) * accumulate)),
          );
          const [small, big] = [training({ accumulate }), training()];
          const { losses, loss } = await small.trainer.trainEpoch(known ? batches : batches.values());
          const expected = await big.trainer.trainEpoch(groups);
          expect([small.trainer.steps, small.lengths.length]).toEqual([groups.length, groups.length]);
          expect(losses).toEqual(expected.losses.map((value) => expect.closeTo(value, 12)));
          expect(loss).toBeCloseTo(expected.loss, 12);
          expect(small.lengths).toEqual(big.lengths.map((value) => expect.closeTo(value, 12)));
          expect(small.weights()).toEqual(big.weights().map((value) => expect.closeTo(value, 12)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("sees regularized and clipped gradients of the whole group, not of its parts", async () => {
    const options = { clipGradNorm: 0.05, clipGradValue: 0.03, regularize: { l1: 0.1, l2: 0.2 } };
    const batches = [3, 1, 4].map((size) => batchOf(size));
    const [small, big] = [training({ ...options, accumulate: 3 }), training(options)];
    await small.trainer.trainEpoch(batches);
    await big.trainer.trainEpoch([joined(batches)]);
    expect(small.weights()).toEqual(big.weights().map((value) => expect.closeTo(value, 12)));
    expect(small.lengths[0]).toBeGreaterThan(0.05); // as it was before
  });

  it("keeps one set of gradients, and gives it back", async () => {
    const { trainer } = training({ accumulate: 4 });
    const batches = [2, 2, 2, 2, 2, 2].map((size) => batchOf(size));
    const before = await settledHeap();
    await trainer.trainEpoch(batches);
    expect(heap.live).toBe(before);
  });

  it("forgets the gradients of a group that fails", async () => {
    const { trainer, weights } = training({ accumulate: 3 });
    const before = weights();
    const batches = [batchOf(2), { x: randn([2, 3], { dtype: "float64" }).mul(Number.NaN), y: batchOf(2).y }];
    await expect(trainer.trainEpoch(batches)).rejects.toThrow("the batch's x [2, 3] is not finite");
    expect(weights()).toEqual(before);
    expect(trainer.model.parameters().every(({ grad }) => grad === null)).toBe(true);
    await trainer.trainEpoch([batchOf(1)]); // the next group begins empty
    expect(trainer.steps).toBe(1);
  });

  it("refuses groups that are none", () => {
    expect(() => training({ accumulate: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Trainer: accumulate 0 — a step is made of an integer number of batches ≥ 1]`,
    );
    expect(() => training({ accumulate: 1.5 })).toThrow("accumulate 1.5");
  });
});

describe("clipping in the trainer", () => {
  it("limits the length of a step, and tells the length before", async () => {
    const { model, trainer } = scaling({ clipGradNorm: 1 });
    await trainer.trainEpoch([{ x: column(1), y: column(3) }]); // dw = −4, cut to −1
    expect(model.layer.weight.item()).toBeCloseTo(1.1, 5);
  });

  it("refuses limits that are none", () => {
    expect(() => training({ clipGradNorm: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Trainer: clipGradNorm 0 — a limit is a number above 0; leave it out for none]`,
    );
    expect(() => training({ clipGradValue: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Trainer: clipGradValue NaN — a limit is a number above 0; leave it out for none]`,
    );
  });
});

function batchOf(size: number): Batch {
  return { x: randn([size, 3], { dtype: "float64" }), y: randn([size, 2], { dtype: "float64" }) };
}

const joined = (batches: readonly Batch[]): Batch => ({
  x: cat(batches.map(({ x }) => x)),
  y: cat(batches.map(({ y }) => y)),
});

/** The same model every time, in double precision; `lengths` are those of the gradients of each step. */
function training(options: Partial<TrainerOptions> = {}) {
  manualSeed(6);
  const model = new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 2)).to("float64");
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const lengths: number[] = [];
  const trainer = new Trainer({
    model,
    optimizer,
    loss: mse,
    callbacks: [{ onStepEnd: (_, { gradNorm }) => void lengths.push(gradNorm) }],
    ...options,
  });
  const weights = (): number[] => model.parameters().flatMap(({ data }: Tensor) => [...data]);
  return { trainer, lengths, weights };
}
