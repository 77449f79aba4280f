import assert from "node:assert/strict";
import { EarlyStopping, type EarlyStoppingOptions, type EpochResult, type Trainer } from "tensorgrad/train";
import type { Checks, Probes } from "../../exercise.ts";

/** Shows an EarlyStopping these values, an epoch each, until it stops the training. */
function watched(values: readonly number[], options: EarlyStoppingOptions) {
  const stopping = new EarlyStopping({ monitor: "validation.accuracy", ...options });
  let stopped = 0;
  const trainer = { stop: () => stopped++ } as unknown as Trainer;
  let epoch = 0;
  while (epoch < values.length && !stopped) {
    const validation = { loss: 0, metrics: { accuracy: values[epoch] } };
    const result = { epoch: ++epoch, train: validation, validation };
    stopping.onEpochEnd(trainer, result as unknown as EpochResult);
  }
  return { best: stopping.best, epoch };
}

export const checks: Checks = {
  "keeps the best epoch, not the last": () =>
    assert.deepEqual(
      watched([0.5, 0.9, 0.6, 0.7], { patience: 9 }).best,
      { value: 0.9, epoch: 2 },
      "of accuracies 0.5, 0.9, 0.6, 0.7 the second is the best",
    ),
  "a smaller loss is better where the mode says so": () =>
    assert.deepEqual(
      watched([3, 1, 2], { patience: 9, mode: "min" }).best,
      { value: 1, epoch: 2 },
      'of 3, 1, 2 with mode "min" the second is the best',
    ),
  "a larger accuracy is better": () =>
    assert.equal(watched([0.2, 0.3, 0.4], { patience: 1 }).epoch, 3, "an accuracy that rises stops nothing"),
  "NaN is never the best": () =>
    assert.deepEqual(
      watched([Number.NaN, 0.3], { patience: 9 }).best,
      { value: 0.3, epoch: 2 },
      "after NaN, 0.3 is the first number and the best",
    ),
  "counts epochs since the last improvement": () =>
    assert.equal(
      watched([0.5, 0.4, 0.6, 0.5, 0.4, 0.3], { patience: 2 }).epoch,
      5,
      "patience 2 and accuracies 0.5, 0.4, 0.6, 0.5, 0.4: the end comes after epoch 5",
    ),
};

export const probes: Probes = () =>
  [
    watched([Number.NaN, 0.5, 0.9, 0.6, 0.7, 0.8], { patience: 3 }),
    watched([0.5, 0.9, 0.6, 0.7, 0.95, 0.5, 0.6], { patience: 2 }),
    watched([3, 1, 2, 1.5], { patience: 3, mode: "min" }),
  ].flatMap(({ best, epoch }) => [best?.value ?? null, best?.epoch ?? null, epoch]);
