import { manualSeed, type Tensor } from "tensorgrad";
import { ChunkSampler, DataLoader, TextDataset } from "tensorgrad/data";
import { crossEntropy, type GPT, quantizeModel } from "tensorgrad/nn";
import type { Trainer } from "tensorgrad/train";
import { build, type GptRecipe, LastStep, MomentumWarmup, optimizerOf } from "../gpt-recipe.ts";
import type { Texts } from "../gpt-texts.ts";
import { type Taught, teach } from "./teach.ts";

/** How the shortened model is trained on: Muon's rate, and what the teacher counts. */
const [PEAK_LR, TEMPERATURE, ALPHA] = [0.012, 1, 0.8];
/**
 * Shares of the steps, and of the rate then; straight lines between these points. It falls to 0, begins anew twice, lower each time, and ends at 0
 * (Loshchilov & Hutter 2017, warm restarts).
 */
const RATES = [
  [0, 0],
  [0.0203, 1],
  [0.2252, 0.794],
  [0.3448, 0.583],
  [0.5517, 0],
  [0.5896, 0.6],
  [0.7931, 0.326],
  [0.839, 0.038],
  [0.852, 0.4],
  [1, 0],
] as const;

function rateAt(step: number, steps: number): number {
  const passed = step / steps;
  const i = Math.max(
    1,
    RATES.findIndex(([share]) => share >= passed),
  );
  const [[x0, y0], [x1, y1]] = [RATES[i - 1], RATES[i]];
  return PEAK_LR * (y0 + ((y1 - y0) * (passed - x0)) / (x1 - x0));
}

/** A teacher's scores are smoother than single characters: half of the batch that the whole model learned from is enough. */
const batchSizeOf = ({ batchSize }: GptRecipe): number => batchSize / 2;

/** With half of the blocks; nothing is dropped while it learns, for it is too small to learn a text by heart. */
export const halfAsDeep = (recipe: GptRecipe): GptRecipe => ({
  ...recipe,
  name: `${recipe.name}, half as deep`,
  model: { ...recipe.model, numLayers: Math.ceil(recipe.model.numLayers / 2), dropout: 0 },
});

/** The first half of the blocks, between the embedding and the head, as they are left. */
export function shortened(recipe: GptRecipe, whole: GPT): GPT {
  const short = build(halfAsDeep(recipe), whole.vocabSize);
  const names = new Set(short.namedTensors().map(([name]) => name));
  const kept = Object.entries(whole.stateDict()).filter(([name]) => names.has(name));
  short.loadStateDict(Object.fromEntries(kept));
  return short;
}

const lossOf = (scores: Tensor, y: Tensor): Tensor => crossEntropy(scores.flatten(0, 1), y.flatten());

/** Raises Muon's momentum at first, and ends the training after so many steps, in the middle of a pass. */
class Steps extends MomentumWarmup {
  readonly #last: LastStep;

  constructor(recipe: GptRecipe) {
    super(recipe);
    this.#last = new LastStep(recipe);
  }

  override onStepEnd(trainer: Trainer): void {
    super.onStepEnd(trainer);
    this.#last.onStepEnd(trainer);
  }
}

export interface ShortenedOptions {
  readonly steps: number;
  readonly seed: number;
  readonly folder?: string;
}

/** The shortened model, trained on with the whole one as its teacher. */
export async function taughtShort(
  recipe: GptRecipe,
  teacher: GPT,
  texts: Texts,
  { steps, seed, folder }: ShortenedOptions,
): Promise<{ readonly model: GPT; readonly taught: Taught }> {
  manualSeed(seed);
  const model = shortened(recipe, teacher);
  const windows = new TextDataset(texts.train.ids(), recipe.model.maxSeqLen);
  const sampler = new ChunkSampler(windows);
  const loader = new DataLoader(windows, { batchSize: batchSizeOf(recipe), sampler, dropLast: true });
  const taught = await teach({
    ...{ teacher, student: model, loader, steps, temperature: TEMPERATURE, alpha: ALPHA, loss: lossOf },
    optimizer: optimizerOf(recipe, model),
    rate: rateAt,
    callbacks: [new Steps({ ...recipe, steps })],
    ...(folder === undefined ? {} : { folder }),
  });
  return { model, taught };
}

const quantized = (model: GPT, copy: GPT): GPT => {
  copy.loadStateDict(model.stateDict());
  return quantizeModel(copy);
};

/** The shortened model with integers in the place of its weights and inputs: what is kept. */
export const smallest = (recipe: GptRecipe, half: GPT): GPT =>
  quantized(half, build(halfAsDeep(recipe), half.vocabSize)).eval();

/** The model before, with each lever alone and with several: `small` is the one that is kept. */
export const gptVariants = (
  recipe: GptRecipe,
  { whole, half, small }: Readonly<Record<"whole" | "half" | "small", GPT>>,
): Record<string, GPT> => ({
  float32: whole,
  int8: quantized(whole, build(recipe, whole.vocabSize)),
  "half the blocks": shortened(recipe, whole),
  "half, taught": half,
  "half, taught, int8": small,
});
