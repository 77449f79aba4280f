import { useThreads } from "tensorgrad/runtime";
import { progressDisplay } from "tensorgrad/train/node";
import { type GptRecipe, RECIPES } from "../../../examples/lib/gpt-recipe.ts";
import { shakespeare } from "../../../examples/lib/gpt-texts.ts";
import { trainGpt } from "../../../examples/lib/gpt-train.ts";
import { report } from "../../lib/measure.ts";

/**
 * Note 13: what each choice of milestone 4's recipe is worth early in training, in windows of 64 characters. One choice at a
 * time is put back to GPT-2's, all else stays. Goes on where it was interrupted (`out/13-ablations`).
 */
useThreads(1);
const STEPS = 200;
const SEEDS = [1, 2];

interface Variation {
  readonly model?: Partial<GptRecipe["model"]>;
  readonly matrices?: "adam";
}

const CHANGES = {
  recipe: {},
  learned: { model: { positions: "learned" } },
  noQkNorm: { model: { qkNorm: false } },
  tied: { model: { tied: true } },
  gelu: { model: { activation: "gelu" } },
  layerNorm: { model: { norm: "layer" } },
  adam: { matrices: "adam" },
} as const satisfies Record<string, Variation>;

type Change = keyof typeof CHANGES;

const recipeOf = (change: Change): GptRecipe => {
  const { model, ...others }: Variation = CHANGES[change];
  return {
    ...{ ...RECIPES.bronze, name: change, steps: STEPS, batchSize: 12 },
    ...others,
    model: { ...RECIPES.bronze.model, maxSeqLen: 64, ...model },
  };
};

const texts = await shakespeare();
using display = await progressDisplay();

let processorSeconds = 0;

/** Nats a character on every fourth window of the validation text. */
async function scoreOf(change: Change, seed: number): Promise<number> {
  const folder = `out/13-ablations/${change}-${STEPS}-${seed}`;
  const { points, stopped, cpuSeconds } = await trainGpt(recipeOf(change), texts, {
    ...{ seed, folder, everySteps: STEPS, onProgress: display.onProgress },
  });
  if (stopped !== null) process.exit(130);
  processorSeconds += cpuSeconds;
  return points[points.length - 1].validation;
}

const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;

const scores = {} as Record<Change, number[]>;
for (const change of Object.keys(CHANGES) as Change[]) {
  scores[change] = [];
  for (const seed of SEEDS) scores[change].push(await scoreOf(change, seed));
}
/** What a change costs: of each seed, against the recipe with the same seed. */
const changes = Object.fromEntries(
  Object.entries(scores).map(([change, nats]) => {
    const costs = nats.map((value, i) => value - scores.recipe[i]);
    return [
      change,
      { nats: mean(nats), cost: mean(costs), spread: Math.max(...costs) - Math.min(...costs), scores: nats },
    ];
  }),
);
report({ steps: STEPS, seeds: SEEDS, processorSeconds, changes });
