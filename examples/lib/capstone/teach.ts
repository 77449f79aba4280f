import type { Tensor } from "tensorgrad";
import { distill } from "tensorgrad/compression";
import type { DataLoader } from "tensorgrad/data";
import type { Module } from "tensorgrad/nn";
import { type Callback, type Metric, Trainer, type TrainerOptions } from "tensorgrad/train";
import { Checkpoints, Interrupt, progressDisplay } from "tensorgrad/train/node";

/** What a pruned model is trained on with. */
export interface Lessons {
  /** The whole model. */
  readonly teacher: Module;
  readonly student: Module;
  readonly loader: DataLoader;
  readonly steps: number;
  readonly optimizer: TrainerOptions["optimizer"];
  /** The rate at a step of so many. */
  readonly rate: (step: number, steps: number) => number;
  readonly temperature: number;
  /** The weight of the teacher's opinion. */
  readonly alpha: number;
  readonly loss?: (scores: Tensor, targets: Tensor) => Tensor;
  readonly metrics?: Readonly<Record<string, Metric>>;
  readonly callbacks?: readonly Callback[];
  /** Checkpoints go here, and training goes on from the newest one. */
  readonly folder?: string;
}

export interface Taught {
  readonly steps: number;
}

/** Trains a pruned model on, with the whole one as its teacher; interrupted, it ends the process, and goes on when started again. */
export async function teach(lessons: Lessons): Promise<Taught> {
  const { teacher, student, loader, steps, optimizer, rate, temperature, alpha, folder } = lessons;
  const { loss, metrics, callbacks = [] } = lessons;
  const model = distill({ teacher, student, temperature, alpha, ...(loss ? { loss } : {}) });
  const checkpoints = folder === undefined ? null : new Checkpoints({ folder, loader, everySteps: 100 });
  using display = await progressDisplay();
  const trainer = new Trainer({
    ...{ model, loss: model.loss, optimizer, schedule: { getLr: (step) => rate(step, steps) } },
    ...(metrics ? { metrics } : {}),
    callbacks: [...callbacks, ...(checkpoints ? [checkpoints, new Interrupt()] : [])],
    onProgress: display.onProgress,
  });
  await checkpoints?.resume(trainer);
  if (trainer.steps < steps) await trainer.fit(loader, { epochs: Math.ceil(steps / loader.length) });
  if (trainer.steps < steps) {
    console.log(`${trainer.stopped}; start again to go on`);
    process.exit(130);
  }
  return { steps };
}
