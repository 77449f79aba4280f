import { existsSync } from "node:fs";
import { CharTokenizer } from "tensorgrad/text";
import { loadTensors } from "tensorgrad/train/node";
import { build, type GptRecipe } from "./gpt-recipe.ts";
import { sampleTexts } from "./gpt-samples.ts";
import type { Texts } from "./gpt-texts.ts";

export const TEMPERATURES = [0.5, 0.8, 1, 1.3] as const;
/** Steps after which a training is asked to write, where its checkpoints are still there. */
const STEPS = [250, 500, 1000, 2500];
/** Characters of each text. */
const LENGTH = 80;
const MODEL = "model.";

/** What a model wrote after so many steps of its training. */
export interface Stage {
  readonly step: number;
  readonly texts: readonly { readonly temperature: number; readonly text: string }[];
}

/** What a training wrote while it went on: before the first step, and at the checkpoints in its folder. The same seed for all. */
export async function stagesOf(recipe: GptRecipe, { train }: Texts, folder: string): Promise<Stage[]> {
  const tokenizer = new CharTokenizer(train.alphabet);
  const model = build(recipe, tokenizer.vocabSize);
  const write = (step: number): Stage => ({
    step,
    texts: TEMPERATURES.map((temperature) => {
      const [text] = sampleTexts(model, tokenizer, { seeds: [1], length: LENGTH, temperature });
      return { temperature, text };
    }),
  });
  const stages = [write(0)];
  for (const step of [...STEPS, recipe.steps]) {
    const file = `${folder}/step-${String(step).padStart(8, "0")}.safetensors`;
    if (!existsSync(file)) continue;
    const { tensors } = await loadTensors(file);
    const own = Object.entries(tensors).filter(([path]) => path.startsWith(MODEL));
    model.loadStateDict(Object.fromEntries(own.map(([path, value]) => [path.slice(MODEL.length), value])));
    stages.push(write(step));
  }
  return stages;
}
