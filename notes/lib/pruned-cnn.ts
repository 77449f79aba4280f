import { manualSeed } from "tensorgrad";
import { distill, structuredPrune } from "tensorgrad/compression";
import { DataLoader } from "tensorgrad/data";
import type { Module, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { accuracy, type Callback, Trainer } from "tensorgrad/train";
import { progressDisplay } from "tensorgrad/train/node";
import type { Pictures } from "../../examples/lib/cifar-data.ts";
import { committedModel } from "../../examples/lib/cnn-models.ts";
import { RECIPES } from "../../examples/lib/cnn-recipes.ts";

/** How the pruned network is trained on. */
const [PEAK_LR, BATCH_SIZE, SEED] = [0.05, 128, 1];

export interface FineTuned {
  readonly model: Sequential;
  readonly steps: number;
  readonly seconds: number;
  /** Of the training images that are held back; null where training saw them. */
  readonly validation: number | null;
}

export interface FineTuneOptions {
  readonly steps: number;
  /** Whether 5,000 training images are held back: for choices. */
  readonly held?: boolean;
}

/** The committed network of milestone 3 with half of its channels: as they are left. */
export async function halved(): Promise<Sequential> {
  const model = await committedModel("threeConv");
  structuredPrune(model, { sparsity: 0.5 });
  return model;
}

/** Trains the halved network on, with the whole one as its teacher: rate from the peak down to 0, in a straight line. */
export async function fineTuned(
  data: Pictures,
  { steps, held = false }: FineTuneOptions,
): Promise<FineTuned> {
  manualSeed(SEED);
  const [teacher, student] = [await committedModel("threeConv"), await halved()];
  const { augmentation } = RECIPES.threeConv;
  const parts = data.held(augmentation);
  const loader = new DataLoader(held ? parts.train : data.train(augmentation), {
    ...{ batchSize: BATCH_SIZE, shuffle: true, dropLast: true },
  });
  const model = distill({ teacher, student, temperature: 4, alpha: 0.9 });
  const last: Callback = {
    onStepEnd: (trainer) => (trainer.steps < steps ? undefined : trainer.stop("all steps were taken")),
  };
  using display = await progressDisplay();
  const trainer = new Trainer({
    ...{ model, loss: model.loss, optimizer: optimizerOf(student), metrics: { accuracy } },
    ...{ schedule: { getLr: (step) => PEAK_LR * Math.max(0, 1 - step / steps) }, callbacks: [last] },
    onProgress: display.onProgress,
  });
  const start = performance.now();
  await trainer.fit(loader, { epochs: Math.ceil(steps / loader.length) });
  const seconds = (performance.now() - start) / 1000;
  const judged = held ? await trainer.evaluate(new DataLoader(parts.validation, { batchSize: 250 })) : null;
  return { model: student, steps, seconds, validation: judged?.metrics.accuracy ?? null };
}

function optimizerOf(model: Module): SGD {
  const parameters = model.parameters();
  return new SGD(
    [
      { params: parameters.filter((p) => p.rank > 1), weightDecay: 5e-4 },
      { params: parameters.filter((p) => p.rank <= 1), weightDecay: 0 },
    ],
    { lr: PEAK_LR, momentum: 0.9, nesterov: true },
  );
}
