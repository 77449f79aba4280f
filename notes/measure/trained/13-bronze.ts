import { progressDisplay } from "tensorgrad/train/node";
import { RECIPES } from "../../../examples/lib/gpt-recipe.ts";
import { meanSurprise } from "../../../examples/lib/gpt-score.ts";
import { shakespeare, validationWindows } from "../../../examples/lib/gpt-texts.ts";
import { trainGpt } from "../../../examples/lib/gpt-train.ts";
import { report } from "../../lib/measure.ts";

/** Note 13: the first rung of milestone 4's ladder from scratch, on all threads: its time, and its score on the whole validation text. */
const recipe = RECIPES.bronze;
const texts = await shakespeare();
using display = await progressDisplay();
const { model, seconds, cpuSeconds } = await trainGpt(recipe, texts, {
  ...{ seed: 1337, everySteps: recipe.steps, onProgress: display.onProgress },
});
const valNats = meanSurprise(model, validationWindows(texts, model.maxSeqLen));
report({ steps: recipe.steps, seconds, cpuSeconds, valNats });
