import fc from "fast-check";
import { DataLoader, TensorDataset } from "tensorgrad/data";
import { describe, expect, it } from "vitest";
import { defaultRandom, manualSeed, Random } from "../../src/00-runtime/index.ts";
import { randn, type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { ReLU } from "../../src/02-activations/index.ts";
import { Dropout, Linear, Sequential } from "../../src/03-layers/index.ts";
import { crossEntropy } from "../../src/04-losses/index.ts";
import {
  Adadelta,
  Adam,
  Adamax,
  CombinedOptimizer,
  LinearWarmup,
  Muon,
  NAdam,
  RAdam,
  ReduceLROnPlateau,
  RMSprop,
  SGD,
} from "../../src/06-optimizers/index.ts";
import type { Batch } from "../../src/07-training/batches.ts";
import { BestModel } from "../../src/07-training/callbacks/best-model.ts";
import type { Callback } from "../../src/07-training/callbacks/callback.ts";
import { EarlyStopping } from "../../src/07-training/callbacks/early-stopping.ts";
import { Course } from "../../src/07-training/course.ts";
import { accuracy, perplexity } from "../../src/07-training/metrics.ts";
import type { EpochResult } from "../../src/07-training/progress.ts";
import { Trainer } from "../../src/07-training/trainer.ts";

const EXAMPLES = 40;
const EPOCHS = 3;

const optimizers = {
  "SGD with momentum": (params: Tensor[]) => new SGD(params, { lr: 0.1, momentum: 0.9 }),
  "Adam with amsgrad": (params: Tensor[]) => new Adam(params, { lr: 0.01, amsgrad: true }),
  RMSprop: (params: Tensor[]) => new RMSprop(params, { lr: 0.01, momentum: 0.5, centered: true }),
  NAdam: (params: Tensor[]) => new NAdam(params, { lr: 0.01 }),
  RAdam: (params: Tensor[]) => new RAdam(params, { lr: 0.01, betas: [0.9, 0.9] }),
  Adamax: (params: Tensor[]) => new Adamax(params, { lr: 0.01 }),
  Adadelta: (params: Tensor[]) => new Adadelta(params),
  "Muon beside Adam": ([first, second]: Tensor[]) =>
    new CombinedOptimizer(new Muon([first], { lr: 0.02 }), new Adam([second], { lr: 0.01 })),
};

const plans = fc.record({
  optimizer: fc.constantFrom(...(Object.keys(optimizers) as (keyof typeof optimizers)[])),
  batchSize: fc.integer({ min: 3, max: 20 }),
  accumulate: fc.integer({ min: 1, max: 4 }),
  dropout: fc.constantFrom(0, 0.3),
  shuffle: fc.boolean(),
  scheduled: fc.boolean(),
  clipped: fc.boolean(),
  seed: fc.nat(1000),
});
type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

describe("a training that is resumed", () => {
  it("goes on as if it had never been interrupted, from any step", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.double({ min: 0, max: 1, noNaN: true }), async (plan, share) => {
        const steps = EPOCHS * Math.ceil(Math.ceil(EXAMPLES / plan.batchSize) / plan.accumulate);
        const moment = 1 + Math.floor(share * (steps - 1));
        const whole = setUp(plan);
        let saved = "";
        const history = await whole.fit({
          last: true,
          onStepEnd: ({ steps }) => {
            if (steps === moment) saved = whole.save();
          },
        });
        const resumed = setUp({ ...plan, seed: 77 });
        resumed.load(saved);
        expect(timeless(await resumed.fit({}))).toEqual(timeless(history));
        expect(resumed.numbers()).toEqual(whole.numbers());
      }),
      { numRuns: 40 },
    );
  });

  it("goes on from the end of an epoch, and from a stop in the middle of one", async () => {
    const plan: Plan = {
      optimizer: "SGD with momentum",
      batchSize: 7,
      accumulate: 2,
      dropout: 0.3,
      shuffle: true,
      scheduled: true,
      clipped: true,
      seed: 5,
    };
    const whole = setUp(plan);
    const saved: string[] = [];
    const history = await whole.fit({ last: true, onEpochEnd: () => void saved.push(whole.save()) });
    const stopped = setUp(plan);
    const begun = await stopped.fit({
      onStepEnd: (trainer, { step }) => void (step === 5 && trainer.stop("Ctrl-C")),
    });
    expect([begun.length, stopped.trainer.stopped]).toEqual([1, "Ctrl-C"]);
    saved.push(stopped.save());
    expect(saved).toHaveLength(EPOCHS + 1);
    for (const state of saved) {
      const resumed = setUp({ ...plan, seed: 77 });
      resumed.load(state);
      expect(timeless(await resumed.fit({}))).toEqual(timeless(history));
      expect(resumed.numbers()).toEqual(whole.numbers());
    }
  });

  it("leaves out what was done of a plain list", async () => {
    const { trainer, batches } = listTraining();
    let saved = "";
    let weights: number[] = [];
    const whole = await trainer.fit(batches, { epochs: 2 });
    const again = listTraining();
    await again.trainer.fit(batches, { epochs: 2 });
    const stopped = listTraining({
      onStepEnd: (self, { step }) => {
        if (step < 3) return;
        [saved, weights] = [JSON.stringify(self.stateDict()), [...self.model.parameters()[0].data]];
        self.stop();
      },
    });
    await stopped.trainer.fit(batches, { epochs: 2 });
    const resumed = listTraining();
    resumed.trainer.model.parameters()[0].assign(weights);
    resumed.trainer.loadStateDict(JSON.parse(saved));
    expect(timeless(await resumed.trainer.fit(batches, { epochs: 2 }))).toEqual(timeless(whole));
    expect(resumed.weight()).toEqual(again.weight());
  });

  it("counts epochs from the first one: a run that is finished has nothing left to do, or more epochs", async () => {
    const { trainer, batches } = listTraining();
    const two = await trainer.fit(batches, { epochs: 2 });
    const state = JSON.stringify(trainer.stateDict());
    trainer.loadStateDict(JSON.parse(state));
    expect(await trainer.fit(batches, { epochs: 2 })).toEqual(two);
    expect(trainer.steps).toBe(4);
    trainer.loadStateDict(JSON.parse(state));
    const three = await trainer.fit(batches, { epochs: 3 });
    expect(three.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(three.slice(0, 2)).toEqual(two);
  });

  it("keeps results that JSON has no numbers for", async () => {
    const odd = { nan: () => Number.NaN, infinite: () => Number.NEGATIVE_INFINITY };
    const { trainer, batches } = listTraining({}, odd);
    const history = await trainer.fit(batches, { epochs: 1 });
    expect(history[0].train.metrics).toEqual({ nan: Number.NaN, infinite: Number.NEGATIVE_INFINITY });
    trainer.loadStateDict(JSON.parse(JSON.stringify(trainer.stateDict())));
    expect(await trainer.fit(batches, { epochs: 1 })).toEqual(history);
  });
});

describe("the state of a trainer", () => {
  it("does not grow with the steps of an epoch, and loads however many losses it has", async () => {
    const { trainer, batches } = listTraining({
      onStepEnd: (self, { step }) => void (step === 1300 && self.stop()),
    });
    const [result] = await trainer.fit(batches);
    await trainer.fit(Array.from({ length: 700 }, () => batches).flat());
    expect(JSON.stringify(trainer.stateDict()).length).toBeLessThan(20_000);
    const many = { ...passOf(1), losses: Array.from({ length: 150_000 }, () => 1) };
    trainer.loadStateDict({ ...trainer.stateDict(), batch: 1, pass: many });
    const history = Array.from({ length: 150_000 }, (_, i) => ({ ...result, train: 0, epoch: i + 1 }));
    const state = { ...trainer.stateDict(), pass: null, history: JSON.parse(JSON.stringify(history)) };
    expect(Course.from(state, {}).history).toHaveLength(150_000);
  });

  it("is refused by batches that are cut in another way, or goes on to the example", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, cuts, fc.integer({ min: 1, max: 6 }), async (first, second, stop) => {
        const { trainer } = listTraining({
          onStepEnd: (self, { step }) => void (step === stop && self.stop()),
        });
        await trainer.fit(cut(first));
        const state = JSON.parse(JSON.stringify(trainer.stateDict()));
        const again = listTraining();
        again.trainer.loadStateDict(state);
        const done = state.pass?.examples ?? 0;
        const fits = (sums(second)[state.batch] ?? sums(second).at(-1)) === done; // or it was all
        const fit = again.trainer.fit(cut(second)).then(([{ train }]) => train.examples);
        if (state.pass === null) await fit;
        else if (fits) expect(await fit).toBe(sums(second).at(-1));
        else await expect(fit).rejects.toThrow(/the trainer goes on after \d+ examples of its epoch, but/);
      }),
      { numRuns: 40 },
    );
    const { trainer } = listTraining({ onStepEnd: (self) => self.stop() });
    await trainer.fit(cut([2, 2]));
    trainer.loadStateDict(trainer.stateDict());
    await expect(trainer.fit(cut([4]))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the trainer goes on after 2 examples of its epoch, but the first 1 batches hold 4 — other batches than before: give it the same ones, so that no example is lost or comes twice]`,
    );
  });
});

/** Batches of these sizes. */
const cut = (sizes: readonly number[]): Batch[] =>
  sizes.map((size) => ({ x: randn([size, 1]), y: randn([size, 1]) }));

/** Examples in the first 0, 1, 2, … batches. */
const sums = (sizes: readonly number[]): number[] =>
  [0, ...sizes].map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));

describe("a training whose state does not fit", () => {
  const { trainer, batches } = listTraining({ stateDict: () => 1, loadStateDict: () => {} });
  const state = trainer.stateDict();

  it("refuses it whole", () => {
    const load = (wrong: unknown) => () => trainer.loadStateDict(wrong as typeof state);
    expect(load(null)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: Trainer.loadStateDict: got null — expected what stateDict() of a trainer returned]`,
    );
    expect(load({ ...state, epoch: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: Trainer.loadStateDict: epoch is 0 — expected an integer ≥ 1]`,
    );
    expect(load({ ...state, steps: "3" })).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: Trainer.loadStateDict: steps is "3" — expected an integer ≥ 0]`,
    );
    expect(load({ ...state, history: undefined })).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: Trainer.loadStateDict: history is undefined — expected a list]`,
    );
    expect(load({ ...state, callbacks: [] })).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: Trainer.loadStateDict: the state of 0 callback(s) for a trainer with 1 — make the trainer with the same callbacks, in the same order]`,
    );
    expect(load({ ...state, shares: [1, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: Trainer.loadStateDict: shares are [1,1] — expected a number for each of the optimizer's 1 group(s)]`,
    );
    expect(load({ ...state, shares: [null] })).toThrow("shares are [null]");
    expect(trainer.stateDict()).toEqual(state);
  });

  it("is as before when a callback refuses its part", async () => {
    const callbacks = [
      new EarlyStopping({ monitor: "train.loss" }),
      new BestModel({ monitor: "train.loss" }),
    ];
    const { trainer } = listTraining();
    const other = new Trainer({ ...trainer.options, callbacks });
    await other.fit(batches, { epochs: 1 });
    const before = other.stateDict();
    const wrong = { ...before, epoch: 9, callbacks: [{ found: null, waited: 3 }, "nothing"] };
    expect(() => other.loadStateDict(wrong)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BestModel.loadStateDict: "nothing" — expected { found: { value, epoch } or null, waited }]`,
    );
    expect(other.stateDict()).toEqual(before);
    expect(callbacks[0].best?.epoch).toBe(1);
  });

  it("says when trainer and loader stand at different batches", async () => {
    const { trainer } = listTraining();
    trainer.loadStateDict({ ...trainer.stateDict(), batch: 1, pass: passOf(1) });
    const loader = new DataLoader(new TensorDataset(randn([4, 1]), randn([4, 1])), { batchSize: 2 });
    await expect(trainer.fit(loader)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trainEpoch: the trainer goes on after batch 1 of its epoch, the loader after batch 0 — load the state of both, from the same checkpoint]`,
    );
  });
});

const passOf = (steps: number) => ({ steps, examples: 2, loss: 1, metrics: {}, losses: [1], seconds: 0 });

/** A model of its own with data, loader, trainer; `save` and `load` do in memory what a checkpoint does in a file. */
function setUp(plan: Plan) {
  manualSeed(plan.seed);
  const model = new Sequential(
    new Linear(2, 8, { bias: false }),
    new ReLU(),
    new Dropout(plan.dropout),
    new Linear(8, 3, { bias: false }),
  );
  const optimizer = optimizers[plan.optimizer](model.parameters());
  const [x, random] = [randn([EXAMPLES, 2], { random: new Random(1) }), new Random(2)];
  const y = tensor(
    Array.from({ length: EXAMPLES }, () => random.integer(3)),
    { dtype: "int32" },
  );
  const { batchSize, shuffle } = plan;
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize, shuffle });
  const best = new BestModel({ monitor: "validation.accuracy" });
  const watch: { callback: Callback } = { callback: {} };
  const follow: Callback = {
    last: true,
    onStepEnd: (trainer, result) => watch.callback.onStepEnd?.(trainer, result),
    onEpochEnd: (trainer, result) => watch.callback.onEpochEnd?.(trainer, result),
  };
  const plateau = new ReduceLROnPlateau({ lr: 0.05, patience: 0, threshold: 0.05 });
  const trainer = new Trainer({
    model,
    optimizer,
    loss: crossEntropy,
    metrics: { accuracy, perplexity },
    accumulate: plan.accumulate,
    callbacks: [follow, best, new EarlyStopping({ patience: 2 })],
    ...(plan.scheduled ? { schedule: new LinearWarmup(plateau, { steps: 4 }) } : {}),
    ...(plan.clipped ? { clipGradNorm: 0.5, regularize: { l2: 0.01 } } : {}),
  });
  const fit = (callback: Callback) => {
    watch.callback = callback;
    return trainer.fit(loader, { epochs: EPOCHS, validation: [{ x, y }] });
  };
  const tensors = () => ({ ...model.stateDict(), ...optimizer.stateDict().tensors, ...trainer.tensors() });
  const numbers = () => Object.entries(tensors()).map(([name, { data }]) => [name, [...data]]);
  const save = (): string => {
    const { groups, steps } = optimizer.stateDict();
    const parts = { trainer: trainer.stateDict(), loader: loader.stateDict(), random: defaultRandom.state };
    return JSON.stringify({ ...parts, groups, steps, numbers: numbers() });
  };
  const load = (text: string): void => {
    const state = JSON.parse(text);
    const live: Record<string, Tensor> = tensors();
    for (const [name, data] of state.numbers) live[name].assign(data);
    optimizer.loadStateDict({ ...optimizer.stateDict(), groups: state.groups, steps: state.steps });
    trainer.loadStateDict(state.trainer);
    loader.loadStateDict(state.loader);
    defaultRandom.state = state.random;
  };
  return { trainer, fit, save, load, numbers };
}

/** One weight, two batches an epoch. */
function listTraining(callback: Callback = {}, metrics: Record<string, () => number> = {}) {
  manualSeed(3);
  const model = new Linear(1, 1, { bias: false });
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const loss = (output: Tensor, y: Tensor) => output.sub(y).square().mean();
  const trainer = new Trainer({ model, optimizer, loss, metrics, callbacks: [callback] });
  const batches: Batch[] = [
    { x: tensor([[1], [2]]), y: tensor([[3], [1]]) },
    { x: tensor([[0.5]]), y: tensor([[2]]) },
  ];
  return { trainer, batches, weight: () => model.weight.item() };
}

const timeless = (history: readonly EpochResult[]) =>
  history.map(({ epoch, train, validation }) => [
    epoch,
    { ...train, seconds: 0 },
    validation && { ...validation, seconds: 0 },
  ]);
