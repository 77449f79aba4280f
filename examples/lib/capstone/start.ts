import { mkdirSync } from "node:fs";
import type { GPT, Sequential } from "tensorgrad/nn";
import { saveTensors } from "tensorgrad/train/node";
import { CHECKPOINT, committed } from "../../04-tinygpt.ts";
import { type Pictures, pictures } from "../cifar-data.ts";
import { committedFile, committedModel } from "../cnn-models.ts";
import { RECIPES as CNN, type ImageRecipe, QUICK as QUICK_CNN } from "../cnn-recipes.ts";
import { RECIPES as GPTS, type GptRecipe, QUICK as QUICK_GPT } from "../gpt-recipe.ts";
import { shakespeare, synthetic, type Texts } from "../gpt-texts.ts";
import { trainGpt } from "../gpt-train.ts";
import { trainImages } from "../image-classifier.ts";
import { refuse } from "../options.ts";

const QUICK_FOLDER = "out/05-capstone/quick";

/** What is measured. */
export interface Sizes {
  /** Images at a time. */
  readonly batch: number;
  /** Characters that are written. */
  readonly length: number;
  /** Of the table of levers: how often each job is timed, and on how many test images it is judged. */
  readonly rounds: number;
  readonly images: number;
}

/** What the milestone begins with. */
export interface Start {
  readonly data: Pictures;
  readonly texts: Texts;
  readonly cnn: { readonly recipe: ImageRecipe; readonly whole: Sequential; readonly file: string };
  readonly gpt: { readonly recipe: GptRecipe; readonly whole: GPT; readonly file: string };
  /** How long both are taught: passes over the images, steps of the text. */
  readonly lessons: { readonly epochs: number; readonly steps: number };
  readonly sizes: Sizes;
}

/** The committed models and their data; of a quick run, small ones that are trained here. */
export async function start({
  quick,
  seed,
}: {
  readonly quick: boolean;
  readonly seed: number;
}): Promise<Start> {
  const data = await pictures(seed, quick);
  if (quick) return quickStart(data, seed);
  if (data.name !== "cifar10")
    refuse(
      "05-capstone: the committed models know CIFAR-10 — set TENSORGRAD_DATA to a folder with cifar-10/, or use --quick",
    );
  return {
    ...{ data, texts: await shakespeare() },
    cnn: {
      recipe: CNN.threeConv,
      whole: await committedModel("threeConv"),
      file: committedFile("threeConv"),
    },
    gpt: { recipe: GPTS.platinum, whole: await committed(), file: CHECKPOINT },
    lessons: { epochs: 4, steps: 2900 },
    sizes: { batch: 64, length: 100, rounds: 9, images: 2000 },
  };
}

async function quickStart(data: Pictures, seed: number): Promise<Start> {
  const texts = synthetic(seed);
  const [cnn, gpt] = [{ recipe: QUICK_CNN.threeConv }, { recipe: QUICK_GPT }];
  const images = await trainImages(cnn.recipe, data.train(cnn.recipe.augmentation), {
    quick: true,
    seed,
    epochs: 1,
  });
  const text = await trainGpt(gpt.recipe, texts, { seed });
  const file = (name: string) => `${QUICK_FOLDER}/${name}.safetensors`;
  mkdirSync(QUICK_FOLDER, { recursive: true });
  await saveTensors(file("cnn"), images.model.stateDict());
  await saveTensors(file("gpt"), text.model.stateDict());
  return {
    ...{ data, texts },
    cnn: { ...cnn, whole: images.model, file: file("cnn") },
    gpt: { ...gpt, whole: text.model, file: file("gpt") },
    lessons: { epochs: 1, steps: 100 },
    sizes: { batch: 16, length: 20, rounds: 6, images: 500 },
  };
}
