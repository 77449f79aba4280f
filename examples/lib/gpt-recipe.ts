import type { Module } from "tensorgrad/nn";
import { GPT, type GPTOptions } from "tensorgrad/nn";
import { AdamW, CombinedOptimizer, Muon, type Schedule } from "tensorgrad/optim";
import type { Callback, Trainer } from "tensorgrad/train";

/** A GPT for characters, and how long it is trained. */
export interface GptRecipe {
  readonly name: string;
  readonly model: Omit<GPTOptions, "vocabSize" | "random">;
  readonly steps: number;
  readonly batchSize: number;
  readonly weightDecay: number;
  /** What moves the matrices inside the blocks; Muon unless given. AdamW moves all others. */
  readonly matrices?: keyof typeof LR;
}

const LR = { muon: 0.02, adam: 3e-3 };
/** Shares of the steps: in which the rate rises, and after which it falls. */
const [WARM, FALLS] = [0.02, 0.3];

/** 804,240 parameters for 65 characters. */
const model = {
  embedDim: 128,
  numLayers: 4,
  numHeads: 4,
  maxSeqLen: 128,
  positions: "rotary",
  rotaryBase: 1000,
  norm: "rms",
  activation: "reluSquared",
  bias: false,
  tied: false,
  qkNorm: true,
  start: "zero",
} as const;

const rung = (name: string, steps: number, dropout = 0, weightDecay = 0): GptRecipe => ({
  name,
  steps,
  batchSize: 16,
  weightDecay,
  model: { ...model, dropout },
});

/** The ladder of the milestone. */
export const RECIPES = {
  bronze: rung("bronze", 108),
  silver: rung("silver", 288),
  gold: rung("gold", 1550),
  platinum: rung("platinum", 5084, 0.05, 0.05),
} as const;

/** Small enough for a test: seconds, not an hour. */
export const QUICK: GptRecipe = {
  name: "quick",
  steps: 150,
  batchSize: 16,
  weightDecay: 0,
  model: { ...model, embedDim: 32, numLayers: 2, numHeads: 2, maxSeqLen: 32, dropout: 0 },
};

export const build = (recipe: GptRecipe, vocabSize: number): GPT => new GPT({ ...recipe.model, vocabSize });

/** One for the matrices inside the blocks, and AdamW for all others. */
export function optimizerOf({ weightDecay, matrices: way }: GptRecipe, model: GPT): CombinedOptimizer {
  const inside = (part: Module) => part.parameters().filter((p) => p.rank === 2);
  const matrices = new Set(model.blocks.flatMap(inside));
  const others = model.parameters().filter((p) => !matrices.has(p));
  const adam = { lr: LR.adam, betas: [0.9, 0.95], eps: 1e-9 } as const;
  return new CombinedOptimizer(
    way === "adam"
      ? new AdamW([...matrices], { ...adam, weightDecay })
      : new Muon([...matrices], { lr: LR.muon, momentum: FIRST_MOMENTUM, weightDecay }),
    new AdamW(others, { ...adam, weightDecay: 0 }),
  );
}

/** Up in a straight line, level, and down to 0 in a straight line. */
export const scheduleOf = ({ steps, matrices = "muon" }: GptRecipe): Schedule => ({
  getLr: (step) =>
    LR[matrices] * Math.min(1, (step + 1) / (WARM * steps), (steps - step) / ((1 - FALLS) * steps)),
});

const [FIRST_MOMENTUM, MOMENTUM, MOMENTUM_RISES] = [0.85, 0.95, 0.05];

/** Muon's momentum rises over the first steps: at first an average over many old gradients would mislead. */
export class MomentumWarmup implements Callback {
  readonly #rise: number;

  constructor({ steps }: GptRecipe) {
    this.#rise = MOMENTUM_RISES * steps;
  }

  onFitStart(trainer: Trainer): void {
    this.#set(trainer);
  }

  onStepEnd(trainer: Trainer): void {
    this.#set(trainer);
  }

  #set({ optimizer, steps }: Trainer): void {
    const momentum = FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * Math.min(1, steps / this.#rise);
    for (const { settings } of optimizer.groups)
      if ("momentum" in settings) Object.assign(settings, { momentum });
  }
}

/** Ends a training after so many steps, in the middle of a pass. */
export class LastStep implements Callback {
  static readonly reason = "all steps were taken";
  readonly #steps: number;

  constructor({ steps }: GptRecipe) {
    this.#steps = steps;
  }

  onStepEnd(trainer: Trainer): void {
    if (trainer.steps >= this.#steps) trainer.stop(LastStep.reason);
  }
}
