import { DataLoader, TensorDataset } from "tensorgrad/data";
import { describe, expect, it } from "vitest";
import { column, scaling } from "../../tests/07-training/scaling.fixture.ts";
import { settledHeap } from "../../tests/heap.fixture.ts";
import { defaultRandom, heap, manualSeed, Random } from "../00-runtime/index.ts";
import { randn, type Tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import { Dropout, Linear, Sequential } from "../03-layers/index.ts";
import { mse } from "../04-losses/index.ts";
import { Adam, SGD } from "../06-optimizers/index.ts";
import { findLr } from "./lr-finder.ts";
import { Trainer } from "./trainer.ts";

describe("findLr", () => {
  it("grows the rate exponentially from one end to the other", async () => {
    const { trainer } = scaling();
    const { lrs, losses, smoothed } = await findLr(trainer, [{ x: column(1), y: column(3) }], {
      from: 1e-5,
      to: 1e-1,
      steps: 5,
      smoothing: 0,
    });
    expect(lrs).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1].map((lr) => expect.closeTo(lr, 12)));
    expect(smoothed).toEqual(losses);
  });

  it("frees the running mean of its bias: after losses 4 and 3.9…, between them", async () => {
    const { trainer } = scaling();
    const { losses, smoothed } = await findLr(trainer, [{ x: column(1), y: column(3) }], {
      steps: 4,
      smoothing: 0.5,
    });
    expect(smoothed[0]).toBeCloseTo(losses[0], 12);
    expect(smoothed[1]).toBeCloseTo((losses[0] + 2 * losses[1]) / 3, 12);
  });

  it("ends when the loss grows, and suggests a rate that trains: less than where it breaks, more than nothing", async () => {
    const { trainer, loader } = regression((params) => new SGD(params, { lr: 1e-3 }));
    const { lrs, smoothed, suggestion } = await findLr(trainer, loader, { from: 1e-5, to: 1e3, steps: 120 });
    expect(lrs.length).toBeLessThan(120);
    const lowest = lrs[smoothed.indexOf(Math.min(...smoothed))];
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThanOrEqual(lowest);
    const trained = regression((params) => new SGD(params, { lr: suggestion ?? 0 }));
    const history = await trained.trainer.fit(trained.loader, { epochs: 10 });
    expect(history[9].train.loss).toBeLessThan(history[0].train.loss / 2);
  });

  it("suggests no rate from the fall of a spike, after training broke", async () => {
    const gentle = Array.from({ length: 60 }, (_, i) => 4 - i / 60);
    const spike = Array.from({ length: 40 }, (_, i) => (i < 5 ? 8 : 3.5 + 4.5 * 0.7 ** (i - 5)));
    const losses = [...gentle, ...spike];
    let step = 0;
    const { trainer } = scaling({ loss: (output: Tensor) => output.sum().mul(0).add(losses[step++]) });
    const { lrs, smoothed, suggestion } = await findLr(trainer, [{ x: column(1), y: column(3) }], {
      smoothing: 0.5,
    });
    expect(lrs).toHaveLength(100);
    const lowest = smoothed.indexOf(Math.min(...smoothed));
    expect(lowest).toBeLessThan(62);
    expect(suggestion).toBeLessThan(lrs[lowest]);
  });

  it("searches on where the loss is below 0: its size counts, not its sign", async () => {
    const { trainer } = scaling({ loss: (output, y) => mse(output, y).sub(100) });
    const { lrs } = await findLr(trainer, [{ x: column(1), y: column(3) }], { to: 1e-2, steps: 10 });
    expect(lrs).toHaveLength(10);
  });

  it("ends when the loss overflows, too, with what it has", async () => {
    const { trainer } = scaling();
    const one = [{ x: column(1), y: column(3) }];
    const curve = await findLr(trainer, one, { from: 1e-3, to: 1e30, steps: 20, stopAt: Number.MAX_VALUE });
    expect(curve.lrs.length).toBeGreaterThan(1);
    expect(curve.lrs.length).toBeLessThan(20);
    await expect(findLr(trainer, [{ x: column(Number.NaN), y: column(3) }])).rejects.toThrow("look for NaN");
  });

  it("leaves everything as it was: weights, optimizer, generators, mode; a training goes on unmoved", async () => {
    const run = async (search: boolean): Promise<unknown> => {
      const { trainer, loader, model, optimizer } = regression((params) => new Adam(params, { lr: 0.01 }));
      await trainer.fit(loader);
      model.eval();
      const before = snapshot(model, optimizer);
      if (search) await findLr(trainer, loader, { steps: 30 });
      expect(snapshot(model, optimizer)).toEqual(before);
      expect([model.training, trainer.steps]).toEqual([false, 5]);
      const history = await trainer.fit(loader, { epochs: 2 });
      return [history.map(({ train }) => train.losses), snapshot(model, optimizer)];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it("gives back all memory that it takes", async () => {
    const { trainer } = regression((params) => new Adam(params, { lr: 0.01 }));
    const batches = [{ x: randn([8, 4]), y: randn([8, 1]) }];
    const before = await settledHeap();
    await findLr(trainer, batches, { steps: 10 });
    expect(heap.live).toBe(before);
  });

  it("leaves out the trainer's own schedule and callbacks", async () => {
    let calls = 0;
    const { trainer } = scaling({
      schedule: { getLr: () => 7 },
      callbacks: [{ onStepEnd: () => void calls++ }],
      onProgress: () => calls++,
    });
    const { lrs } = await findLr(trainer, [{ x: column(1), y: column(3) }], { steps: 3 });
    expect([lrs.length, lrs.includes(7), calls]).toEqual([3, false, 0]);
  });

  it("refuses a search that is none", async () => {
    const { trainer } = scaling();
    const find = (options: object) => findLr(trainer, [], options);
    await expect(find({ from: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: findLr: from 0 to 10 — learning rates above 0 that grow]`,
    );
    await expect(find({ from: 1, to: 0.1 })).rejects.toThrow("from 1 to 0.1");
    await expect(find({ steps: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: findLr: steps 1 — an integer number of steps ≥ 2]`,
    );
    await expect(find({ smoothing: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: findLr: smoothing 1 — a share from 0 to below 1]`,
    );
    await expect(find({ stopAt: 1 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: findLr: stopAt 1 — a multiple of the best loss, above 1]`,
    );
    await expect(find({})).rejects.toThrow("no batches in epoch 1");
  });
});

function regression<O extends SGD | Adam>(make: (params: Tensor[]) => O) {
  manualSeed(9);
  const model = new Sequential(new Linear(4, 16), new ReLU(), new Dropout(0.1), new Linear(16, 1));
  const optimizer = make(model.parameters());
  const x = randn([80, 4], { random: new Random(1) });
  const y = x.sum(1, { keepDim: true }).relu();
  const loader = new DataLoader(new TensorDataset(x, y), {
    batchSize: 16,
    shuffle: true,
    random: new Random(8),
  });
  return { model, optimizer, loader, trainer: new Trainer({ model, optimizer, loss: mse }) };
}

const snapshot = (model: Sequential, optimizer: SGD | Adam) => {
  const { groups, steps, tensors } = optimizer.stateDict();
  const numbers = [...Object.values(model.stateDict()), ...Object.values(tensors)].map(({ data }) => [
    ...data,
  ]);
  return {
    numbers,
    steps: [...steps],
    groups: groups.map((settings) => ({ ...settings })),
    random: defaultRandom.state,
  };
};
