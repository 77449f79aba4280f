import { mkdirSync, readFileSync } from "node:fs";
import {
  barChart,
  count,
  type Figure,
  imageGrid,
  inkImage,
  lineChart,
  percent,
  type Section,
  type SummaryRow,
} from "tensorgrad/plots";
import type { CacheCost, Judgement } from "../gpt-judge.ts";
import { attentionMaps } from "../gpt-probes.ts";
import type { GptRecipe } from "../gpt-recipe.ts";
import { type Stage, TEMPERATURES } from "../gpt-stages.ts";
import type { Texts } from "../gpt-texts.ts";
import type { GptRun } from "../gpt-train.ts";
import { savePicture } from "../picture.ts";
import { writePage } from "../write-page.ts";

export interface GptResults {
  readonly recipe: GptRecipe;
  readonly run: GptRun;
  readonly judgement: Judgement;
  readonly stages: readonly Stage[];
  readonly costs: readonly CacheCost[];
  readonly texts: Texts;
  readonly target: number;
}

const BARS = { bigram: "bigram", kn3: "3-gram", kn4: "4-gram", kn5: "5-gram", kn7: "7-gram" } as const;

/** Counted from the same training text and scored on the same characters: what `notes/measure/ngrams.ts` found, in nats. */
function countedBars(): (readonly [name: string, nats: number])[] {
  const log = new URL("../../../notes/logs/ngrams.json", import.meta.url);
  const { result } = JSON.parse(readFileSync(log, "utf8")) as {
    readonly result: Readonly<Record<keyof typeof BARS, { readonly nats: number }>>;
  };
  return Object.entries(BARS).map(([key, name]) => [name, result[key as keyof typeof BARS].nats]);
}

/** Writes the pictures and the page of milestone 4, and returns the names of all files. */
export async function writeGptReport(out: string, results: GptResults): Promise<string[]> {
  mkdirSync(out, { recursive: true });
  const figures = figuresOf(results);
  const written: string[] = [];
  for (const [name, { svg }] of Object.entries(figures))
    written.push(...(await savePicture(`${out}/${name}`, svg)));
  writePage(`${out}/index.html`, {
    title: "Milestone 4: writing",
    lead: "A model reads a million characters of Shakespeare and learns to say what comes next; asked again and again, it writes.",
    summary: summaryRows(results),
    sections: [
      { title: "Learning", figures: [figures.loss, figures.ladder] },
      samplesSection(results),
      ...(results.stages.length > 0 ? [stagesSection(results.stages)] : []),
      { title: "Where it looks", figures: [figures.attention, figures.places] },
      { title: "A cache of keys and values", figures: [figures.time, figures.bytes] },
      proofSection(results),
    ],
  });
  return [`${out}/index.html`, ...written];
}

function figuresOf(results: GptResults) {
  const { run, judgement, costs } = results;
  const line = (name: string, of: (point: (typeof run.points)[number]) => number) => ({
    name,
    points: run.points.map((point) => [point.step, of(point)] as const),
  });
  const cost = (name: string, of: (cost: CacheCost) => number) => ({
    name,
    points: costs.map((cost) => [cost.length, of(cost)] as const),
  });
  return {
    loss: {
      svg: lineChart(
        [line("training", ({ train }) => train), line("validation", ({ validation }) => validation)],
        {
          title: "Loss",
          x: "step",
          y: "nats a character",
        },
      ),
      caption:
        "Training: the mean of the steps since the point before, with dropout. Validation: every fourth window.",
    },
    ladder: {
      svg: barChart(
        [...countedBars(), ["this model", judgement.valNats] as const].map(([name, value]) => ({
          name,
          value,
          label: value.toFixed(4),
          strong: name === "this model",
        })),
        { title: "Beside counted models", x: "nats a character, all of the validation text" },
      ),
      caption:
        "n-grams look up what followed the last n − 1 characters: modified Kneser–Ney, counted from the same text.",
    },
    attention: {
      svg: attentionPicture(results),
      caption:
        "Each row is a position, each column one it looks at. The number is the entropy in bits: 0 looks at one place only.",
    },
    places: {
      svg: lineChart(
        [{ name: "validation", points: judgement.byPlace.map((nats, i) => [i + 1, nats] as const) }],
        {
          title: "What context is worth",
          x: "characters seen before",
          y: "nats a character",
        },
      ),
      caption: "The first characters of a window are guessed from next to nothing.",
    },
    time: {
      svg: lineChart(
        [cost("with cache", ({ cachedMs }) => cachedMs), cost("without", ({ plainMs }) => plainMs)],
        {
          title: "Time",
          x: "characters generated",
          y: "ms",
        },
      ),
      caption: "Without a cache every new character reads all the others again.",
    },
    bytes: {
      svg: lineChart([cost("cache", ({ bytes }) => bytes / 1024)], {
        title: "Memory",
        x: "positions",
        y: "KiB",
      }),
      caption: "2 · layers · heads · positions · head width · 4 bytes.",
    },
  } satisfies Record<string, Figure>;
}

function attentionPicture({ run, texts }: GptResults): string {
  const T = Math.min(64, run.model.maxSeqLen);
  const layers = attentionMaps(run.model, texts.validation.ids().slice(0, T));
  const tiles = layers.flatMap(({ weights, entropy }, layer) =>
    weights.map((one, head) => ({
      src: inkImage(Float32Array.from(one, Math.sqrt), T, T),
      text: `${layer + 1}.${head + 1}: ${entropy[head].toFixed(1)}`,
    })),
  );
  return imageGrid(tiles, {
    title: "Attention by layer and head",
    columns: layers[0].weights.length,
    side: 120,
    gap: 150,
  });
}

function summaryRows({ recipe, run, judgement, target }: GptResults): SummaryRow[] {
  const { valNats, perplexity, parameters } = judgement;
  return [
    {
      job: `${recipe.name}, ${count(parameters)} parameters, ${count(recipe.steps)} steps`,
      result: `${valNats.toFixed(4)} nats a character, perplexity ${perplexity.toFixed(2)}`,
      target: `at most ${target} nats`,
      seconds: run.seconds,
      passed: valNats <= target,
    },
  ];
}

function samplesSection({ judgement }: GptResults): Section {
  const { samples, byTemperature, coherence, realCoherence } = judgement;
  const row = (what: string, of: (c: typeof coherence) => string) => [what, of(coherence), of(realCoherence)];
  return {
    title: "What it writes",
    text: samples.slice(0, 3).join("\n\n———\n\n"),
    table: {
      head: ["", "written", "real text"],
      rows: [
        ...byTemperature.map(({ temperature, text }) => [`at temperature ${temperature}`, text, ""]),
        row("words that the training text has", ({ wordsKnown }) => percent(wordsKnown)),
        row("speakers that the training text has", (c) => `${c.speakersKnown} of ${c.speakers}`),
        row("longest piece copied, characters", ({ longestCopy }) => String(longestCopy)),
      ],
    },
  };
}

function stagesSection(stages: readonly Stage[]): Section {
  return {
    title: "How it learned to write",
    table: {
      head: ["after steps", ...TEMPERATURES.map((temperature) => `at temperature ${temperature}`)],
      rows: stages.map(({ step, texts }) => [count(step), ...texts.map(({ text }) => text)]),
    },
  };
}

function proofSection({ judgement }: GptResults): Section {
  const { causality, cacheMaxAbs, parityMaxAbs, valNatsHalfStride, bits } = judgement;
  return {
    title: "Proof",
    table: {
      head: ["probe", "found"],
      rows: [
        ["what a later character moves earlier scores by", String(causality)],
        ["largest difference of scores with a cache", cacheMaxAbs.toExponential(1)],
        ["largest difference to ONNX Runtime", parityMaxAbs.toExponential(1)],
        ["bits a character", bits.toFixed(3)],
        ["nats with windows that overlap by half", valNatsHalfStride.toFixed(4)],
      ],
    },
  };
}
