import { manualSeed, type Tensor } from "tensorgrad";
import { ChunkSampler, DataLoader, TextDataset } from "tensorgrad/data";
import { crossEntropy, type GPT } from "tensorgrad/nn";
import { type Progress, Trainer } from "tensorgrad/train";
import { Checkpoints, Interrupt } from "tensorgrad/train/node";
import { Curve, type CurvePoint } from "./gpt-curve.ts";
import { build, type GptRecipe, LastStep, MomentumWarmup, optimizerOf, scheduleOf } from "./gpt-recipe.ts";
import { everyFourth, meanSurprise } from "./gpt-score.ts";
import { type Texts, validationWindows } from "./gpt-texts.ts";

export interface GptRun {
  readonly model: GPT;
  readonly points: readonly CurvePoint[];
  /** Of all steps together, evaluation and samples apart; also those before an interruption. */
  readonly seconds: number;
  /** What the processors worked in that time, all threads together. */
  readonly cpuSeconds: number;
  /** Why training ended early, or null. */
  readonly stopped: string | null;
}

export interface TrainGptOptions {
  readonly seed: number;
  /** Checkpoints go here, and training goes on from the newest one. */
  readonly folder?: string;
  readonly everySteps?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly onPoint?: (point: CurvePoint) => void;
}

const lossOf = (logits: Tensor, y: Tensor): Tensor => crossEntropy(logits.flatten(0, 1), y.flatten());

/** Trains a GPT by a recipe; same seed, same result, also when it was interrupted and resumed. */
export async function trainGpt(recipe: GptRecipe, texts: Texts, options: TrainGptOptions): Promise<GptRun> {
  const { seed, folder, everySteps = 500, onProgress, onPoint } = options;
  manualSeed(seed);
  const model = build(recipe, [...texts.train.alphabet].length);
  const { maxSeqLen } = recipe.model;
  const windows = new TextDataset(texts.train.ids(), maxSeqLen);
  const sampler = new ChunkSampler(windows);
  const loader = new DataLoader(windows, { batchSize: recipe.batchSize, sampler, dropLast: true });
  const probe = everyFourth(validationWindows(texts, maxSeqLen));
  const curve = new Curve({
    recipe,
    everySteps,
    validate: () => meanSurprise(model, probe),
    ...(onPoint ? { onPoint } : {}),
  });
  const checkpoints =
    folder === undefined ? null : new Checkpoints({ folder, loader, everySteps: 250, keep: 24 });
  const trainer = new Trainer({
    model,
    optimizer: optimizerOf(recipe, model),
    schedule: scheduleOf(recipe),
    loss: lossOf,
    callbacks: [
      new MomentumWarmup(recipe),
      curve,
      new LastStep(recipe),
      ...(checkpoints ? [checkpoints, new Interrupt()] : []),
    ],
    ...(onProgress ? { onProgress } : {}),
  });
  await checkpoints?.resume(trainer);
  if (trainer.steps < recipe.steps) {
    await trainer.fit(loader, { epochs: Math.ceil(recipe.steps / loader.length) });
  }
  const { points, seconds, cpuSeconds } = curve;
  return {
    model,
    points,
    seconds,
    cpuSeconds,
    stopped: trainer.steps < recipe.steps ? trainer.stopped : null,
  };
}
