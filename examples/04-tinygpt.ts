import { Option } from "commander";
import { TinyShakespeare } from "tensorgrad/data/node";
import { writeDurably } from "tensorgrad/runtime/node";
import { progressDisplay, saveTensors } from "tensorgrad/train/node";
import { RECIPES } from "./lib/gpt-recipe.ts";
import { meanSurprise } from "./lib/gpt-score.ts";
import { type Texts, trainGpt, validationWindows } from "./lib/gpt-train.ts";
import { exampleOptions, finish, isMain } from "./lib/options.ts";

const OUT = "out/04-tinygpt";

interface Options {
  readonly quick: boolean;
  readonly seed: number;
  readonly json: boolean;
  readonly rung: keyof typeof RECIPES;
}

async function texts(): Promise<Texts> {
  const [train, validation] = (await TinyShakespeare.load()).split();
  return { train, validation };
}

async function train({ seed, json, rung }: Options): Promise<void> {
  const recipe = RECIPES[rung];
  const text = await texts();
  using display = await progressDisplay();
  const run = await trainGpt(recipe, text, {
    seed,
    folder: `${OUT}/${rung}-${seed}`,
    onProgress: display.onProgress,
    onPoint: (point) => console.log(JSON.stringify(point)),
  });
  if (run.stopped !== null) {
    console.log(`${rung}: ${run.stopped}; start again to go on`);
    process.exit(130);
  }
  const { maxSeqLen } = recipe.model;
  const valNats = meanSurprise(run.model, validationWindows(text, maxSeqLen));
  const valNatsHalfStride = meanSurprise(run.model, validationWindows(text, maxSeqLen, maxSeqLen / 2));
  const { points, seconds, cpuSeconds } = run;
  const result = { rung, seed, steps: recipe.steps, valNats, valNatsHalfStride, seconds, cpuSeconds, points };
  await saveTensors(`${OUT}/${rung}.safetensors`, run.model.stateDict(), {
    metadata: { recipe: recipe.name, seed: String(seed), valNats: String(valNats) },
  });
  await writeDurably(`${OUT}/${rung}.json`, Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
  finish({ json, result, misses: [] });
}

async function main(): Promise<void> {
  const options = exampleOptions<{ rung: keyof typeof RECIPES }>("04-tinygpt", "Milestone 4: TinyGPT", [
    new Option("--rung <name>", "how long to train").choices(Object.keys(RECIPES)).default("platinum"),
  ]);
  await train(options);
}

if (isMain(import.meta.url)) await main();
