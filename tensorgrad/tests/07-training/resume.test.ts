import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { defaultRandom, manualSeed, Random, scope } from "tensorgrad";
import { DataLoader, RandomSampler, spirals } from "tensorgrad/data";
import { CrossEntropyLoss, Dropout, Linear, Sequential, Tanh } from "tensorgrad/nn";
import {
  Adagrad,
  AdamW,
  CosineSchedule,
  LinearWarmup,
  ReduceLROnPlateau,
  RMSprop,
  SGD,
} from "tensorgrad/optim";
import { accuracy, BestModel, type Callback, EarlyStopping, Trainer } from "tensorgrad/train";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "../../src/07-training/checkpoints/checkpoint.ts";
import { makeOptimizer } from "../../src/07-training/config/training-config.ts";
import { fingerprint, finish, makeRun, untimed } from "./training-run.fixture.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "resume-"));
  path = join(folder, "c.safetensors");
});
afterEach(() => rmSync(folder, { recursive: true }));

const EPOCHS = 4;
const plans = fc.record({
  seed: fc.nat(),
  optimizer: fc.constantFrom("sgd", "adamw", "rmsprop", "adagrad", "groups", "combined"),
  schedule: fc.constantFrom("none", "cosine", "plateau"),
  accumulate: fc.integer({ min: 1, max: 3 }),
  clipNorm: fc.constantFrom(null, 0.5),
  order: fc.constantFrom("shuffle", "sampler", "sequential"),
  ownRandom: fc.boolean(),
  dropLast: fc.boolean(),
  stop: fc.integer({ min: 1, max: 40 }),
});
type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

describe("a training saved after any step and loaded into a new one", () => {
  it("ends as if it had not been interrupted: weights, results, the best model, the generators", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const whole = make(plan, plan.seed);
        const history = await whole.fit();
        const interrupted = make(plan, plan.seed, plan.stop);
        await interrupted.fit();
        await saveCheckpoint(path, interrupted.parts);

        const resumed = make(plan, plan.seed + 1);
        await loadCheckpoint(path, resumed.parts);
        expect(untimed(await resumed.fit())).toEqual(untimed(history));
        expect(resumed.outcome()).toEqual(whole.outcome());
      }),
      { numRuns: 25, seed: 11 },
    );
  });
});

describe("a damaged checkpoint", () => {
  it("is loaded or refused, and changes nothing when it is refused: any byte of its header may be wrong", async () => {
    const run = makeRun({
      callbacks: [{ onStepEnd: (trainer, { step }) => void (step === 40 && trainer.stop()) }],
    });
    await finish(run);
    await saveCheckpoint(path, run);
    const good = readFileSync(path);
    const length = 8 + Number(good.readBigUInt64LE(0));
    const random = new Random(2);
    const other = makeRun({ seed: 9, callbacks: [{}] });
    const before = [
      fingerprint(other.model),
      untimed(other.trainer.stateDict() as never),
      other.loader.stateDict(),
    ];
    const seen: Record<string, number> = {};
    for (let attempt = 0; attempt < 400; attempt++) {
      const bad = Buffer.from(good);
      bad[random.integer(length)] = random.integer(256);
      writeFileSync(path, bad);
      const outcome = await loadCheckpoint(path, other).then(
        () => "loaded",
        (error: Error) => error.name,
      );
      seen[outcome] = (seen[outcome] ?? 0) + 1;
      const after = [
        fingerprint(other.model),
        untimed(other.trainer.stateDict() as never),
        other.loader.stateDict(),
      ];
      if (outcome !== "loaded") expect(after).toEqual(before);
      else [before[0], before[1], before[2]] = after;
    }
    expect(
      Object.keys(seen).filter(
        (name) => !/^(loaded|FormatError|ShapeError|RangeError|TypeError)$/.test(name),
      ),
    ).toEqual([]);
    expect(seen.FormatError).toBeGreaterThan(100);
  });
});

// ————— helpers

/** A training by a plan, from a seed; stopped after some step. */
function make(plan: Plan, seed: number, stop = Number.POSITIVE_INFINITY) {
  manualSeed(seed % 2 ** 31);
  const data = spirals({ count: 90, classes: 2, random: new Random(4) });
  const validation = new DataLoader(spirals({ count: 40, classes: 2, random: new Random(5) }));
  const model = new Sequential(new Linear(2, 7), new Tanh(), new Dropout(0.3), new Linear(7, 2));
  const random = plan.ownRandom ? new Random((seed + 3) % 2 ** 31) : defaultRandom;
  const loader = new DataLoader(data, {
    batchSize: 8,
    dropLast: plan.dropLast,
    random,
    ...(plan.order === "sampler" && { sampler: new RandomSampler(90, { replacement: true, count: 70 }) }),
    ...(plan.order === "shuffle" && { shuffle: true }),
  });
  const best = new BestModel();
  const stopping: Callback = { onStepEnd: (trainer, { step }) => void (step === stop && trainer.stop()) };
  const optimizer = optimizerOf(plan.optimizer, model);
  const trainer = new Trainer({
    model,
    optimizer,
    loss: new CrossEntropyLoss(),
    metrics: { accuracy },
    accumulate: plan.accumulate,
    ...(plan.clipNorm && { clipGradNorm: plan.clipNorm }),
    ...scheduleOf(plan.schedule),
    callbacks: [new EarlyStopping({ patience: 2 }), best, stopping],
  });
  return {
    parts: { model, optimizer, trainer, loader },
    fit: () => trainer.fit(loader, { epochs: EPOCHS, validation }),
    outcome: () => {
      using _ = scope();
      const weights = fingerprint(model);
      const found = best.best;
      if (found) best.restore();
      return [
        weights,
        found,
        fingerprint(model),
        trainer.steps,
        trainer.stopped,
        defaultRandom.state,
        random.state,
      ];
    },
  };
}

function optimizerOf(kind: Plan["optimizer"], model: Sequential) {
  const [first, ...rest] = model.parameters();
  if (kind === "adamw") return new AdamW(model.parameters(), { lr: 0.02 });
  if (kind === "rmsprop") return new RMSprop(model.parameters(), { lr: 0.01, momentum: 0.5 });
  if (kind === "combined") {
    return makeOptimizer({ name: "muon", lr: 0.02, restLr: 0.01 }, model.parameters());
  }
  if (kind === "adagrad") return new Adagrad(model.parameters(), { lr: 0.1, lrDecay: 0.01 });
  const groups = [{ params: [first], lr: 0.02 }, { params: rest }];
  return new SGD(kind === "groups" ? groups : model.parameters(), { lr: 0.1, momentum: 0.9 });
}

function scheduleOf(kind: Plan["schedule"]) {
  if (kind === "plateau") return { schedule: new ReduceLROnPlateau({ lr: 0.05, patience: 0, factor: 0.5 }) };
  if (kind === "none") return {};
  return { schedule: new LinearWarmup(new CosineSchedule({ lr: 0.05, steps: 30 }), { steps: 5 }) };
}
