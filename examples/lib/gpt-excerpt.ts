import { type GptRecipe, RECIPES } from "./gpt-recipe.ts";
import { meanSurprise } from "./gpt-score.ts";
import { type Texts, validationWindows } from "./gpt-texts.ts";
import { trainGpt } from "./gpt-train.ts";

/** Characters of the excerpt: about 10 KB. */
const LENGTH = 10_240;

/** Some fifty passes over the excerpt. */
const STEPS = 250;

/**
 * Perplexity on a short text that the model is trained on again and again: can it learn at all? Below 2 here says that a text
 * was learned by heart; on text that was not trained on, no model comes near.
 */
export async function excerptPerplexity({ train }: Texts, seed: number, steps = STEPS): Promise<number> {
  const recipe: GptRecipe = { ...RECIPES.bronze, name: "excerpt", steps };
  const [excerpt] = train.split(LENGTH / train.length);
  const texts = { train: excerpt, validation: excerpt };
  const { model } = await trainGpt(recipe, texts, { seed });
  return Math.exp(meanSurprise(model, validationWindows(texts, model.maxSeqLen)));
}
