import { describe, expect, it } from "vitest";
import { heap, scope } from "../../src/00-runtime/index.ts";
import { tensor } from "../../src/01-tensor/index.ts";
import { SGD } from "../../src/06-optimizers/index.ts";
import type { Batch } from "../../src/07-training/batches.ts";
import { BestModel } from "../../src/07-training/callbacks/best-model.ts";
import type { Callback } from "../../src/07-training/callbacks/callback.ts";
import { EarlyStopping } from "../../src/07-training/callbacks/early-stopping.ts";
import { Trainer } from "../../src/07-training/trainer.ts";
import { column, Scale, scaling } from "./scaling.fixture.ts";

const batches: Batch[] = [
  { x: column(1), y: column(3) },
  { x: column(1), y: column(3) },
];

describe("callbacks", () => {
  it("are called in their order, those that come last after all others", async () => {
    const calls: string[] = [];
    const noting = (name: string, last = false): Callback => ({
      last,
      onFitStart: (_, { epochs, validation, epoch, batch }) =>
        void calls.push(`${name} start ${[epochs, validation, epoch, batch]}`),
      onStepEnd: (_, { step, epoch, batch, loss, lr, gradNorm }) =>
        void calls.push(
          `${name} step ${[step, epoch, batch, loss, lr, gradNorm].map((x) => Math.round(100 * x) / 100)}`,
        ),
      onEpochEnd: (_, { epoch, validation }) => void calls.push(`${name} epoch ${epoch} ${validation}`),
      onFitEnd: (_, history) => void calls.push(`${name} end ${history.length}`),
      onError: () => void calls.push(`${name} error`),
    });
    const { trainer } = scaling({ callbacks: [noting("a", true), noting("b")] });
    await trainer.fit(batches, { epochs: 1 });
    expect(calls).toEqual([
      "b start 1,false,1,0",
      "a start 1,false,1,0",
      "b step 1,1,1,4,0.1,4",
      "a step 1,1,1,4,0.1,4",
      "b step 2,1,2,2.56,0.1,3.2",
      "a step 2,1,2,2.56,0.1,3.2",
      "b epoch 1 null",
      "a epoch 1 null",
      "b end 1",
      "a end 1",
    ]);
  });

  it("are waited for", async () => {
    const order: string[] = [];
    const slow: Callback = {
      onStepEnd: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push("waited");
      },
    };
    const onProgress = ({ done }: { done: boolean }): void => void (done || order.push("progress"));
    const { trainer } = scaling({ callbacks: [slow], onProgress });
    await trainer.fit(batches);
    expect(order).toEqual(["waited", "progress", "waited", "progress"]);
  });

  it("hear of errors, which are thrown on", async () => {
    const heard: unknown[] = [];
    const { trainer } = scaling({ callbacks: [{ onError: (_, error) => void heard.push(error) }] });
    await expect(trainer.fit([{ x: column(Number.NaN), y: column(1) }])).rejects.toThrow("the loss is NaN");
    expect(heard).toHaveLength(1);
    expect(String(heard[0])).toContain("the loss is NaN at step 1");
  });

  it("that fail over an error do not hide it", async () => {
    const broken: Callback = {
      onError: () => {
        throw new Error("disk full");
      },
    };
    const fit = scaling({ callbacks: [broken] }).trainer.fit([{ x: column(Number.NaN), y: column(1) }]);
    await expect(fit).rejects.toThrow(/the loss is NaN at step 1.*onError of a callback: Error: disk full/);
    await expect(fit).rejects.toBeInstanceOf(AggregateError);
  });

  it("stop training after the step, in the middle of an epoch, and say why", async () => {
    const watch: Callback = {
      onStepEnd: (trainer, { step }) => {
        if (step === 3) trainer.stop("enough");
      },
    };
    let ended = 0;
    let closed = false;
    async function* endless(): AsyncGenerator<Batch> {
      try {
        for (;;) yield batches[0];
      } finally {
        closed = true;
      }
    }
    const { trainer } = scaling({ callbacks: [watch, { onFitEnd: () => void ended++ }] });
    expect(await trainer.fit(endless(), { epochs: 5 })).toEqual([]);
    expect([trainer.steps, trainer.stopped, ended, closed]).toEqual([3, "enough", 1, true]);
    expect(trainer.stateDict()).toMatchObject({ epoch: 1, batch: 3, steps: 3 });
    expect(await trainer.fit(batches)).toHaveLength(1); // a new training
    expect(trainer.stopped).toBeNull();
  });
});

/** Trains on a loss per epoch that is given; the weight counts the steps. */
function scripted(losses: readonly number[], callbacks: readonly Callback[]) {
  const model = new Scale();
  model.layer.weight.assign(tensor([[0]]));
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  let epoch = 0;
  const trainer = new Trainer({
    model,
    optimizer,
    loss: (output) => output.mul(-1).sum(), // gradient −1: the weight grows by 1 in every step
    metrics: { score: () => losses[epoch] },
    callbacks: [...callbacks, { onEpochEnd: () => void epoch++ }],
  });
  const data = [{ x: column(1), y: column(0) }];
  const fit = (epochs: number) => trainer.fit(data, { epochs });
  return { model, trainer, fit, weight: () => model.layer.weight.item() };
}

describe("EarlyStopping", () => {
  it("stops after `patience` epochs without improvement", async () => {
    const stopping = new EarlyStopping({ monitor: "train.score", mode: "min", patience: 2 });
    const { trainer, fit } = scripted([5, 4, 4, 3, 3, 3, 0], [stopping]);
    expect(await fit(20)).toHaveLength(6);
    expect(stopping.best).toEqual({ value: 3, epoch: 4 });
    expect(trainer.stopped).toMatchInlineSnapshot(
      `"train.score has not improved for 2 epochs; the best is 3 in epoch 4"`,
    );
  });

  it("takes more for better where it is no loss, and small steps for none", async () => {
    const stopping = new EarlyStopping({ monitor: "train.score", patience: 2, minDelta: 0.5 });
    const { fit } = scripted([1, 2, 2.4, 2.6, 2.7, 2.8, 9], [stopping]);
    expect(await fit(20)).toHaveLength(6);
    expect(stopping.best).toEqual({ value: 2.6, epoch: 4 });
  });

  it("stops a training whose result is never a number", async () => {
    const stopping = new EarlyStopping({ monitor: "train.score", patience: 3 });
    const { trainer, fit } = scripted(new Array(9).fill(Number.NaN), [stopping]);
    expect(await fit(9)).toHaveLength(3);
    expect(trainer.stopped).toMatchInlineSnapshot(
      `"train.score has not improved for 3 epochs; it was never a finite number"`,
    );
  });

  it("lets a resumed training that was at its end stay there, and a new one begin", async () => {
    const losses = [1, 1, 1, 1, 1, 1];
    const make = () => scripted(losses, [new EarlyStopping({ monitor: "train.score", patience: 1 })]);
    const first = make();
    const history = await first.fit(9);
    const second = make();
    second.trainer.loadStateDict(JSON.parse(JSON.stringify(first.trainer.stateDict())));
    expect(await second.fit(9)).toEqual(history);
    expect(second.trainer.steps).toBe(2);
    expect(await first.fit(9)).toHaveLength(2);
  });

  it("refuses what it cannot watch", async () => {
    const { fit } = scripted([1], [new EarlyStopping()]);
    await expect(fit(2)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EarlyStopping: monitor "validation.loss" — this training has train.loss, train.score; give fit a { validation } set, or watch the training]`,
    );
    const other = scripted([1], [new EarlyStopping({ monitor: "train.acuracy" })]);
    await expect(other.fit(2)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EarlyStopping: monitor "train.acuracy" — this training has train.loss, train.score; choose one of these]`,
    );
    expect(() => new EarlyStopping({ patience: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EarlyStopping: patience 0 — an integer number of epochs ≥ 1]`,
    );
    expect(() => new EarlyStopping({ minDelta: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EarlyStopping: minDelta -1 — must be a finite number ≥ 0]`,
    );
    expect(() => new EarlyStopping({ mode: "less" as "min" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: EarlyStopping: mode "less" — expected "min" or "max"]`,
    );
  });
});

describe("BestModel", () => {
  it("keeps the weights of the best epoch while training goes on, and restores them", async () => {
    const best = new BestModel({ monitor: "train.score" });
    const { fit, weight } = scripted([1, 3, 2, 3, 0], [best]);
    await fit(5);
    expect([weight(), best.best]).toEqual([5, { value: 3, epoch: 2 }]);
    best.restore();
    expect(weight()).toBe(2);
  });

  it("keeps them when training breaks off", async () => {
    const best = new BestModel({ monitor: "train.loss" });
    const { model, trainer } = scaling({ callbacks: [best] });
    let pass = 0;
    const source = {
      *[Symbol.iterator]() {
        yield { x: column(pass++ < 2 ? 1 : Number.NaN), y: column(3) };
      },
    };
    await expect(trainer.fit(source, { epochs: 3 })).rejects.toThrow("the loss is NaN at step 3");
    model.layer.weight.assign(tensor([[9]]));
    best.restore();
    expect(model.layer.weight.item()).toBeCloseTo(1.72, 5); // 1 → 1.4 → 1.72
  });

  it("remembers as long as its model lives, and takes no more memory than one copy", async () => {
    const best = new BestModel({ monitor: "train.score" });
    const { trainer, fit, weight } = scripted([1, 2, 3, 4], [best]);
    using outer = scope();
    await fit(1);
    const before = heap.live;
    await fit(3);
    expect(heap.live).toBe(before);
    expect(Object.keys(trainer.tensors())).toEqual(["callbacks.0.layer.weight"]);
    outer.dispose();
    best.restore();
    expect(weight()).toBe(4);
  });

  it("has nothing to restore before an epoch has ended", () => {
    expect(() => new BestModel().restore()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BestModel.restore: no epoch has ended yet — fit a trainer that has this callback first]`,
    );
  });
});
