import { beforeEach, describe, expect, it } from "vitest";
import { column, scaling } from "../../tests/07-training/scaling.fixture.ts";
import { settledHeap } from "../../tests/heap.fixture.ts";
import { heap, manualSeed, Random } from "../00-runtime/index.ts";
import { randn, tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import { Dropout, Linear, Sequential } from "../03-layers/index.ts";
import { CrossEntropyLoss, crossEntropy } from "../04-losses/index.ts";
import { AdamW, ReduceLROnPlateau, SGD } from "../06-optimizers/index.ts";
import type { Batch } from "./batches.ts";
import type { Callback } from "./callbacks/callback.ts";
import { accuracy, ConfusionMatrix } from "./metrics.ts";
import type { Progress } from "./progress.ts";
import { Trainer } from "./trainer.ts";

/** Points in four quadrants, the class is whether the signs differ. */
function xorBatches(count: number, batchSize = 16): Batch[] {
  const x = randn([count, 2], { random: new Random(1) });
  const labels = Array.from({ length: count }, (_, i) => Number(x.data[2 * i] * x.data[2 * i + 1] < 0));
  const y = tensor(labels, { dtype: "int32" });
  return Array.from({ length: count / batchSize }, (_, i) => ({
    x: x.narrow(0, i * batchSize, batchSize),
    y: y.narrow(0, i * batchSize, batchSize),
  }));
}

const mlp = (): Sequential => new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 2));

beforeEach(() => manualSeed(1));

describe("Trainer.trainEpoch", () => {
  it("takes one step per batch, as computed by hand", async () => {
    const { model, trainer } = scaling();
    // w = 1: loss (1·1 − 3)² = 4, dw = 2·(−2)·1 = −4, w = 1.4; then (1.4·2 − 2)² = 0.64, dw = 2·0.8·2 = 3.2, w = 1.08
    const { losses, loss, steps, examples } = await trainer.trainEpoch([
      { x: column(1), y: column(3) },
      { x: column(2), y: column(2) },
    ]);
    expect(losses[0]).toBeCloseTo(4, 6);
    expect(losses[1]).toBeCloseTo(0.64, 6);
    expect(loss).toBeCloseTo(2.32, 6);
    expect([steps, examples, trainer.steps]).toEqual([2, 2, 2]);
    expect(model.layer.weight.item()).toBeCloseTo(1.08, 6);
  });

  it("weighs a batch by its examples", async () => {
    const { trainer } = scaling({ optimizer: { step: () => {}, zeroGrad: () => {}, groups: [] } });
    const { loss } = await trainer.trainEpoch([
      { x: column(1, 1, 1), y: column(2, 2, 2) }, // loss 1, three times
      { x: column(1), y: column(6) }, // loss 25
    ]);
    expect(loss).toBeCloseTo(7, 6);
  });

  it("takes generators, synchronous and asynchronous", async () => {
    const { trainer } = scaling();
    function* batches(): Generator<Batch> {
      yield { x: column(1), y: column(3) };
    }
    async function* later(): AsyncGenerator<Batch> {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield* batches();
    }
    expect((await trainer.trainEpoch(batches())).losses[0]).toBeCloseTo(4, 6);
    expect((await trainer.trainEpoch(later())).losses[0]).toBeCloseTo(2.56, 6);
  });

  it("follows a schedule, step by step over the epochs", async () => {
    const asked: number[] = [];
    const getLr = (step: number): number => {
      asked.push(step);
      return step === 0 ? 0 : 0.1;
    };
    const { model, trainer } = scaling({ schedule: { getLr } });
    await trainer.fit([{ x: column(1), y: column(3) }], { epochs: 2 });
    expect(asked).toEqual([0, 1]);
    expect(model.layer.weight.item()).toBeCloseTo(1.4, 6); // only the second step moved it
  });

  it("keeps the rates of groups of parameters in proportion, also over a step with rate 0", async () => {
    const model = mlp();
    const [first, , second] = model.parameters();
    const groups = [{ params: [first] }, { params: [second], lr: 0.02 }];
    const optimizer = new SGD(groups, { lr: 0.1 });
    const seen: number[][] = [];
    const trainer = new Trainer({
      model,
      optimizer,
      loss: crossEntropy,
      schedule: { getLr: (step) => [0, 0.5, 1][step] },
      callbacks: [
        { onStepEnd: (_, { lr }) => void seen.push([lr, ...optimizer.groups.map((g) => g.settings.lr)]) },
      ],
    });
    await trainer.fit(xorBatches(48));
    expect(seen).toEqual([
      [0, 0, 0],
      [0.5, 0.5, expect.closeTo(0.1, 12)],
      [1, 1, expect.closeTo(0.2, 12)],
    ]);
  });

  it("takes a rate that is changed by hand for a new proportion, and saves it", async () => {
    const model = mlp();
    const [first, , second] = model.parameters();
    const optimizer = new SGD([{ params: [first] }, { params: [second] }], { lr: 0.1 });
    const change: Callback = {
      onStepEnd: (_, { step }) => {
        if (step === 2) optimizer.groups[1].settings.lr = 0.25; // half of what the first has then
      },
    };
    const schedule = { getLr: (step: number) => [1, 0.5, 0.2][step % 3] };
    const trainer = new Trainer({ model, optimizer, loss: crossEntropy, schedule, callbacks: [change] });
    await trainer.fit(xorBatches(48));
    expect(optimizer.groups.map(({ settings }) => settings.lr)).toEqual([0.2, 0.1]);
    optimizer.groups[1].settings.lr = 0.4;
    expect(trainer.stateDict().shares).toEqual([1, 2]);
    optimizer.loadStateDict(new SGD([{ params: [first] }, { params: [second] }], { lr: 0.7 }).stateDict());
    expect(trainer.stateDict().shares).toEqual([1, 2]); // the schedule goes over what was loaded
  });

  it("tells a schedule that wants to know how an epoch went", async () => {
    const schedule = new ReduceLROnPlateau({ lr: 0.1, patience: 0, factor: 0.5, monitor: "train.same" });
    const { model, trainer } = scaling({ schedule, metrics: { same: () => 1 } });
    await trainer.fit([{ x: column(1), y: column(3) }], { epochs: 4 });
    // 1 is the best at first, then never again: 0.1, 0.1, 0.05, 0.025; the error shrinks by 1 − 2·lr
    expect(model.layer.weight.item()).toBeCloseTo(3 - 2 * 0.8 * 0.8 * 0.9 * 0.95, 5);
    const blind = scaling({ schedule: new ReduceLROnPlateau({ lr: 0.1 }) });
    await expect(
      blind.trainer.fit([{ x: column(1), y: column(3) }]),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: schedule: monitor "validation.loss" — this training has train.loss; give fit a { validation } set, or watch the training]`,
    );
  });

  it("takes a loss object as well as a function", async () => {
    const model = mlp();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const trainer = new Trainer({ model, optimizer, loss: new CrossEntropyLoss({ labelSmoothing: 0.1 }) });
    expect((await trainer.trainEpoch(xorBatches(32))).loss).toBeGreaterThan(0);
  });

  it("leaves the heap as it found it, step by step", async () => {
    const model = new Sequential(new Linear(2, 32), new ReLU(), new Dropout(0.5), new Linear(32, 2));
    const growth: number[] = [];
    const trainer = new Trainer({
      model,
      optimizer: new AdamW(model.parameters(), { lr: 0.01 }),
      loss: crossEntropy,
      metrics: { accuracy },
      onProgress: ({ done, heapGrowth }) => done || growth.push(heapGrowth),
    });
    const batches = xorBatches(160);
    const before = await settledHeap();
    await trainer.fit(batches, { epochs: 3, validation: batches });
    expect(growth).toEqual(new Array(60).fill(0)); // to the byte, the first step included
    expect(heap.live).toBe(before);
  });

  it("lets the event loop turn", async () => {
    const { trainer } = scaling();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    function* slow(): Generator<Batch> {
      for (let i = 0; i < 8; i++) {
        const until = performance.now() + 20;
        while (performance.now() < until);
        yield { x: column(1), y: column(3) };
      }
    }
    await trainer.trainEpoch(slow());
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });
});

describe("Trainer.fit", () => {
  it("learns what no line separates", async () => {
    const model = mlp();
    const optimizer = new AdamW(model.parameters(), { lr: 0.02 });
    const trainer = new Trainer({ model, optimizer, loss: crossEntropy, metrics: { accuracy } });
    const batches = xorBatches(320);
    const history = await trainer.fit(batches, { epochs: 20, validation: batches });
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(history[0].train.losses).toHaveLength(20);
    expect(history[19].validation?.metrics.accuracy).toBeGreaterThan(0.95);
    expect(history[19].train.loss).toBeLessThan(history[0].train.loss / 3);
    expect(trainer.steps).toBe(400);
  });

  it("repeats itself for the same seed", async () => {
    const run = async (): Promise<number[]> => {
      manualSeed(7);
      const model = new Sequential(new Linear(2, 8), new Dropout(0.2), new Linear(8, 2));
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const history = await new Trainer({ model, optimizer, loss: crossEntropy }).fit(xorBatches(64), {
        epochs: 2,
      });
      return history.flatMap(({ train }) => train.losses);
    };
    expect(await run()).toEqual(await run());
  });

  it("refuses a number of epochs that is none", async () => {
    await expect(scaling().trainer.fit([], { epochs: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: fit: epochs 0 — the number of passes is an integer ≥ 1]`,
    );
  });

  it("says why an iterator has nothing for the second epoch", async () => {
    const once = [{ x: column(1), y: column(3) }].values();
    await expect(scaling().trainer.fit(once, { epochs: 2 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: no batches in epoch 2 — there is nothing to work on; an iterator can be used only once: pass a DataLoader or a list, which starts again in every epoch]`,
    );
  });
});

describe("Trainer.evaluate", () => {
  it("changes nothing: no weights, no gradients, no mode", async () => {
    const model = new Sequential(new Linear(2, 4), new Dropout(0.5), new Linear(4, 2));
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const trainer = new Trainer({ model, optimizer, loss: crossEntropy });
    const weights = (): number[] => model.parameters().flatMap((p) => [...p.data]);
    const before = weights();
    const modes: boolean[] = [];
    const onBatch = (): unknown => modes.push(model.modules()[2][1].training);
    const [first, second] = [
      await trainer.evaluate(xorBatches(32), { onBatch }),
      await trainer.evaluate(xorBatches(32)),
    ];
    expect(first.loss).toBe(second.loss); // no dropout
    expect(modes).toEqual([false, false]);
    expect(model.training).toBe(true);
    expect(weights()).toEqual(before);
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
  });

  it("shows outputs to whoever wants to look closer", async () => {
    const model = mlp();
    const trainer = new Trainer({
      model,
      optimizer: new SGD(model.parameters()),
      loss: crossEntropy,
      metrics: { accuracy },
    });
    const confusion = new ConfusionMatrix(2);
    const { metrics } = await trainer.evaluate(xorBatches(64), {
      onBatch: (output, { y }) => confusion.add(output, y),
    });
    expect(confusion.accuracy).toBeCloseTo(metrics.accuracy, 12);
  });

  it("puts the model back to training also when it fails", async () => {
    const { model, trainer } = scaling();
    await expect(trainer.evaluate([])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: evaluate: no batches in epoch 1 — there is nothing to work on; an iterator can be used only once: pass a DataLoader or a list, which starts again in every epoch]`,
    );
    expect(model.training).toBe(true);
  });
});

describe("Trainer's progress", () => {
  it("comes after every step, and once more at the end of a pass", async () => {
    const seen: Progress[] = [];
    const { trainer } = scaling({ onProgress: (progress) => seen.push(progress) });
    const batches = [
      { x: column(1), y: column(3) },
      { x: column(2), y: column(2) },
    ];
    await trainer.fit(batches, { epochs: 2, validation: batches });
    const outline = seen.map(({ phase, epoch, steps, totalSteps, done }) =>
      [phase, epoch, `${steps}/${totalSteps}`, done ? "done" : ""].join(" ").trimEnd(),
    );
    expect(outline.slice(0, 6)).toEqual([
      "train 1 1/2",
      "train 1 2/2",
      "train 1 2/2 done",
      "evaluate 1 1/2",
      "evaluate 1 2/2",
      "evaluate 1 2/2 done",
    ]);
    expect(outline).toHaveLength(12);
    expect(seen[1].stepLoss).toBeCloseTo(0.64, 6);
    expect(seen[1].loss).toBeCloseTo(2.32, 6);
  });
});
