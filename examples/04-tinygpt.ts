/**
 * Milestone 4: a GPT of 804,240 parameters that writes like Shakespeare, one character after the other.
 *
 *   npx tsx examples/04-tinygpt.ts                    # trains platinum; Ctrl-C and start again: it goes on where it was
 *   npx tsx examples/04-tinygpt.ts --rung bronze      # 108 steps, a minute
 *   npx tsx examples/04-tinygpt.ts --quick            # a small model on a play of a small grammar, no files needed
 *   npx tsx examples/04-tinygpt.ts --evaluate         # measures the committed model on all 111,540 validation characters
 *   npx tsx examples/04-tinygpt.ts --page             # out/04-tinygpt/write.html, where the committed model continues what one types
 *
 * The ladder in nats a character: bronze 2.00, silver 1.72, gold 1.56, platinum 1.4697; the last is the number published for a
 * model of 10.7 million parameters. Counted bars stand beside it. Writes a page, samples and models to `out/04-tinygpt/`.
 */
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import type { GPT } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { writeDurably } from "tensorgrad/runtime/node";
import { loadTensors, progressDisplay, saveTensors } from "tensorgrad/train/node";
import { excerptPerplexity } from "./lib/gpt-excerpt.ts";
import { cacheCosts, countedBar, type Judgement, judge } from "./lib/gpt-judge.ts";
import { writeGptPage } from "./lib/gpt-page/build.ts";
import { build, type GptRecipe, QUICK, RECIPES } from "./lib/gpt-recipe.ts";
import { stagesOf } from "./lib/gpt-stages.ts";
import { shakespeare, synthetic, type Texts, validationWindows } from "./lib/gpt-texts.ts";
import { type GptRun, trainGpt } from "./lib/gpt-train.ts";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";
import { writeGptReport } from "./lib/sections/gpt-report.ts";

const OUT = "out/04-tinygpt";

type Rung = keyof typeof RECIPES;

/** Nats a character on the validation text. */
export const TARGETS: Readonly<Record<Rung | "quick", number>> = {
  bronze: 2,
  silver: 1.72,
  gold: 1.56,
  platinum: 1.4697,
  quick: 0.6,
};
/** The share of words that the training text has; real validation text has 93 %. */
export const WORDS_KNOWN = 0.85;
const MOST = { parityMaxAbs: 1e-3, cacheMaxAbs: 1e-5 } as const;

interface Options {
  readonly quick: boolean;
  readonly seed: number;
  readonly json: boolean;
  readonly rung: Rung;
  readonly evaluate?: boolean;
  readonly page?: boolean;
}

async function deliver(recipe: GptRecipe, run: GptRun, { valNats }: Judgement, texts: Texts, seed: number) {
  const metadata = {
    recipe: recipe.name,
    seed: String(seed),
    valNats: String(valNats),
    alphabet: texts.train.alphabet,
  };
  mkdirSync(OUT, { recursive: true });
  await saveTensors(`${OUT}/${recipe.name}.safetensors`, run.model.stateDict(), { metadata });
  const example = validationWindows(texts, recipe.model.maxSeqLen).batch([0, 1]).x;
  run.model.eval();
  await writeDurably(`${OUT}/${recipe.name}.onnx`, Buffer.from(exportOnnx(run.model, example)));
}

async function train({ quick, seed, json, rung }: Options): Promise<void> {
  const recipe = quick ? QUICK : RECIPES[rung];
  const texts = quick ? synthetic(seed) : await shakespeare();
  using display = await progressDisplay();
  const folder = `${OUT}/${rung}-${seed}`;
  const run = await trainGpt(recipe, texts, {
    seed,
    ...(quick ? { everySteps: 50 } : { folder }),
    onProgress: display.onProgress,
    onPoint: (point) => console.log(JSON.stringify(point)),
  });
  if (run.stopped !== null) {
    console.log(`${recipe.name}: ${run.stopped}; start again to go on`);
    process.exit(130);
  }
  const judgement = await judge(run.model, texts, quick ? { length: 100, suspicious: false } : {});
  await deliver(recipe, run, judgement, texts, seed);
  const { maxSeqLen } = recipe.model;
  const costs = cacheCosts(run.model, [maxSeqLen / 4, maxSeqLen / 2, maxSeqLen - 1]);
  const stages = quick ? [] : await stagesOf(recipe, texts, folder);
  const pictures = await writeGptReport(OUT, {
    recipe,
    run,
    judgement,
    stages,
    costs,
    texts,
    target: TARGETS[quick ? "quick" : rung],
  });
  const { points, seconds, cpuSeconds } = run;
  const excerpt = quick || rung !== "platinum" ? null : await excerptPerplexity(texts, seed);
  finish({
    json,
    result: {
      recipe: recipe.name,
      seed,
      steps: recipe.steps,
      ...judgement,
      seconds,
      cpuSeconds,
      excerptPerplexity: excerpt,
      points,
      stages,
      costs,
      pictures,
    },
    summary: summaryOf(judgement),
    misses: [
      ...missesOf(judgement, TARGETS[quick ? "quick" : rung], quick || rung !== "platinum" ? 0 : WORDS_KNOWN),
      ...(excerpt === null ? [] : atMost("perplexity on a text learned by heart", excerpt, 2)),
    ],
  });
}

const missesOf = (found: Judgement, target: number, words: number): string[] => [
  ...atMost("validation, nats a character", found.valNats, target),
  ...atLeast("share of words that the training text has", found.wordsKnown, words),
  ...atMost("what a later character moves earlier scores by", found.causality, 0),
  ...atMost("largest difference to ONNX Runtime", found.parityMaxAbs, MOST.parityMaxAbs),
  ...atMost("largest difference of scores with a cache", found.cacheMaxAbs, MOST.cacheMaxAbs),
];

const summaryOf = ({
  valNats,
  valNatsHalfStride,
  bits,
  perplexity,
  coherence,
  realCoherence,
  samples,
}: Judgement): string =>
  [
    samples[0].slice(0, 300),
    "",
    `${valNats.toFixed(4)} nats, ${bits.toFixed(3)} bits, perplexity ${perplexity.toFixed(3)}; half stride ${valNatsHalfStride.toFixed(4)} nats`,
    `words known ${(100 * coherence.wordsKnown).toFixed(1)} % (real text ${(100 * realCoherence.wordsKnown).toFixed(1)} %), ` +
      `speakers ${coherence.speakersKnown} of ${coherence.speakers}, longest copy ${coherence.longestCopy} (real text ${realCoherence.longestCopy})`,
  ].join("\n");

export const CHECKPOINT = fileURLToPath(new URL("./checkpoints/04-tinygpt.safetensors", import.meta.url));

/** The committed model. */
export async function committed(): Promise<GPT> {
  const { tensors, metadata } = await loadTensors(CHECKPOINT);
  const model = build(RECIPES.platinum, [...(metadata as { alphabet: string }).alphabet].length);
  model.loadStateDict(tensors);
  return model;
}

/** Measures the committed model anew. */
async function evaluate({ json }: Options): Promise<void> {
  const texts = await shakespeare();
  const found = await judge(await committed(), texts);
  const {
    valNats,
    valNatsHalfStride,
    parameters,
    wordsKnown,
    parityMaxAbs,
    cacheMaxAbs,
    coherence,
    causality,
  } = found;
  const kn7Nats = countedBar(texts, 7);
  finish({
    json,
    result: {
      valNats,
      valNatsHalfStride,
      parameters,
      wordsKnown,
      kn7Nats,
      parityMaxAbs,
      cacheMaxAbs,
      coherence,
      causality,
    },
    misses: missesOf(found, TARGETS.platinum, WORDS_KNOWN),
  });
}

/** Writes the page in which the committed model continues what one types. */
export async function writePromptPage(path: string): Promise<void> {
  await writeGptPage(path, RECIPES.platinum, CHECKPOINT);
}

async function page({ json }: Options): Promise<void> {
  const path = `${OUT}/write.html`;
  await writePromptPage(path);
  const summary = `wrote ${path}: open it in a browser, and type`;
  finish({ json, result: { page: path, bytes: statSync(path).size }, summary, misses: [] });
}

async function main(): Promise<void> {
  const options = exampleOptions<{ rung: Rung; evaluate?: boolean; page?: boolean }>(
    "04-tinygpt",
    "Milestone 4: TinyGPT",
    [
      new Option("--rung <name>", "how long to train").choices(Object.keys(RECIPES)).default("platinum"),
      new Option("--evaluate", "measure the committed model on all validation characters"),
      new Option("--page", "write a page in which the committed model continues what one types"),
    ],
  );
  if (options.page) await page(options);
  else await (options.evaluate ? evaluate(options) : train(options));
}

if (isMain(import.meta.url)) await main();
