/**
 * Milestone 5: the networks of milestones 3 and 4, smaller and at least twice as fast, for less than 5 % of what they know.
 *
 *   npx tsx examples/05-capstone.ts                # profiles, prunes, teaches, quantizes, compares; Ctrl-C and start again: it goes on
 *   npx tsx examples/05-capstone.ts --quick        # small models, trained on the spot
 *   npx tsx examples/05-capstone.ts --evaluate     # measures the committed models on all images and all validation characters
 *   npx tsx examples/05-capstone.ts --keep         # as without, then puts the models where --evaluate looks for them
 *
 * The CNN loses half of its channels, the GPT half of its blocks; each learns from the whole model what it has lost. Then the
 * CNN is stored in integers of 8 bits, and the GPT computes with them. Speeds are those of the same job before and after, in
 * turns, one thread, each by its fastest way. Writes a page, pictures and models to `out/05-capstone/`.
 */
import { Option } from "commander";
import { DataLoader, type EvaluationWindows, type ImageDataset, Subset } from "tensorgrad/data";
import type { GPT, Sequential } from "tensorgrad/nn";
import { environment } from "tensorgrad/train/node";
import { cnnVariants, taughtHalf } from "./lib/capstone/cnn.ts";
import { compareCnn, compareGpt, type Variants } from "./lib/capstone/compare.ts";
import { gptVariants, smallest, taughtShort } from "./lib/capstone/gpt.ts";
import {
  type CnnOutcome,
  exportBoth,
  type GptOutcome,
  type Measured,
  measureCnn,
  measureGpt,
  SCORE_TOLERANCE,
} from "./lib/capstone/measure.ts";
import { profiles } from "./lib/capstone/profiles.ts";
import { type Start, start } from "./lib/capstone/start.ts";
import { compressedFile, loadCnn, loadGpt, saveCnn, saveGpt } from "./lib/capstone/storage.ts";
import type { Taught } from "./lib/capstone/teach.ts";
import { LOGIT_TOLERANCE } from "./lib/cnn-models.ts";
import { everyFourth } from "./lib/gpt-score.ts";
import { validationWindows } from "./lib/gpt-texts.ts";
import { atLeast, atMost, exampleOptions, finish, isMain, refuse } from "./lib/options.ts";
import { writeCapstoneReport } from "./lib/sections/capstone-report.ts";

const OUT = "out/05-capstone";

/** Of a quick run's models only the loss is judged, and that loosely: they are small, and hardly trained. */
export const TARGETS = {
  full: { speedup: 2, loss: 0.05 },
  quick: { speedup: 0, loss: 0.5 },
} as const;

const LEVERS = {
  cnn: ["half of the channels removed", "distillation", "weights stored as int8"],
  gpt: ["half of the blocks removed", "distillation", "int8 weights and inputs"],
} as const;

interface Modes {
  readonly evaluate?: boolean;
  readonly keep?: boolean;
}

interface Options extends Modes {
  readonly quick: boolean;
  readonly seed: number;
  readonly json: boolean;
}

interface Compressed<M> {
  readonly half: M;
  readonly small: M;
  readonly taught: Taught;
  readonly file: string;
}

/** Prunes, teaches, quantizes and stores both; what is measured is what the files hold. */
async function compress({ data, texts, cnn, gpt, lessons }: Start, { quick, seed, keep }: Options) {
  const { epochs, steps } = lessons;
  const folder = (name: string) => (quick ? {} : { folder: `${OUT}/${name}-${seed}` });
  const images = await taughtHalf(cnn.recipe, cnn.whole, data.train(cnn.recipe.augmentation), {
    ...{ epochs, seed, quick, ...folder(`cnn-${epochs}-epochs`) },
  });
  const text = await taughtShort(gpt.recipe, gpt.whole, texts, {
    steps,
    seed,
    ...folder(`gpt-${steps}-steps`),
  });
  const file = (name: "cnn" | "gpt") => (keep ? compressedFile(name) : `${OUT}/${name}.safetensors`);
  const facts = (name: "cnn" | "gpt", { steps }: Taught, recipe: string) => ({
    ...{ recipe, seed: String(seed), steps: String(steps), levers: LEVERS[name].join(", ") },
  });
  await saveCnn(file("cnn"), images.model, facts("cnn", images.taught, cnn.recipe.name));
  const integers = smallest(gpt.recipe, text.model);
  const { alphabet } = texts.train;
  await saveGpt(file("gpt"), integers, { ...facts("gpt", text.taught, gpt.recipe.name), alphabet });
  return {
    cnn: {
      half: images.model,
      small: await loadCnn(file("cnn"), cnn.recipe),
      taught: images.taught,
      file: file("cnn"),
    },
    gpt: {
      ...{ half: text.model, taught: text.taught, file: file("gpt") },
      small: await loadGpt(file("gpt"), gpt.recipe, gpt.whole.vocabSize),
    },
  } satisfies { readonly cnn: Compressed<Sequential>; readonly gpt: Compressed<GPT> };
}

async function train(options: Options): Promise<void> {
  const from = await start(options);
  const { data, texts, cnn, gpt, sizes } = from;
  const windows = validationWindows(texts, gpt.recipe.model.maxSeqLen);
  for (const { whole } of [cnn, gpt]) whole.eval();
  const before = profiles({ cnn: cnn.whole, gpt: gpt.whole }, data.test, sizes);
  const done = await compress(from, options);
  const both = await measure(from, done, data.test, windows);
  const variants = await compare(from, done, windows);
  const after = profiles({ cnn: done.cnn.small, gpt: done.gpt.small }, data.test, sizes);
  await exportBoth(OUT, { cnn: done.cnn.small, gpt: done.gpt.small }, data.test, windows);
  const targets = TARGETS[options.quick ? "quick" : "full"];
  const files = await writeCapstoneReport(OUT, {
    ...both,
    variants,
    before,
    after,
    targets,
    taught: taughtOf(done),
  });
  finish({
    json: options.json,
    result: {
      ...{ cnn: both.cnn.outcome, gpt: both.gpt.outcome, seed: options.seed, made: made() },
      speeds: { cnn: both.cnn.speeds, gpt: both.gpt.speeds },
      variants: { cnn: variants.cnn.rows, gpt: variants.gpt.rows },
      ...{ taught: taughtOf(done), parity: parityOf(both), pictures: files },
      bottlenecks: { before: sentencesOf(before), after: sentencesOf(after) },
    },
    misses: missesOf(both, targets),
  });
}

const taughtOf = ({ cnn, gpt }: Awaited<ReturnType<typeof compress>>) => ({
  cnn: cnn.taught,
  gpt: gpt.taught,
});

const sentencesOf = ({ cnn, gpt }: ReturnType<typeof profiles>) => ({
  cnn: cnn.bottlenecks,
  gpt: gpt.bottlenecks,
});

/** What the numbers were made with. */
function made() {
  const { threads, blas, kernels, git } = environment();
  return { threads, blas, kernels, commit: git?.commit ?? null };
}

interface Both {
  readonly cnn: Measured<CnnOutcome>;
  readonly gpt: Measured<GptOutcome>;
}

type Ready = Pick<Start, "cnn" | "gpt" | "sizes">;
type Small<M> = Pick<Compressed<M>, "small" | "file">;

async function measure(
  { cnn, gpt, sizes }: Ready,
  small: { readonly cnn: Small<Sequential>; readonly gpt: Small<GPT> },
  test: ImageDataset,
  windows: EvaluationWindows,
): Promise<Both> {
  const pair = <M>(name: "cnn" | "gpt", whole: M, before: string, after: Small<M>) => ({
    ...{ whole, small: after.small, files: { before, after: after.file }, levers: LEVERS[name] },
  });
  return {
    cnn: await measureCnn(pair("cnn", cnn.whole, cnn.file, small.cnn), test, sizes.batch),
    gpt: await measureGpt(pair("gpt", gpt.whole, gpt.file, small.gpt), windows, sizes.length),
  };
}

async function compare(
  { data, cnn, gpt, sizes }: Start,
  done: Awaited<ReturnType<typeof compress>>,
  windows: EvaluationWindows,
): Promise<Readonly<Record<"cnn" | "gpt", Variants>>> {
  const { rounds, batch, length, images } = sizes;
  const x = data.test.batch(Int32Array.from({ length: batch }, (_, i) => i)).x;
  const seen = new Subset(data.train({ shift: 0, cutout: 0 }), [...Array(2 * batch).keys()]);
  const calibration = new DataLoader(seen, { batchSize: 2 * batch });
  const networks = cnnVariants(cnn.recipe, { ...done.cnn, whole: cnn.whole }, calibration);
  const languages = gptVariants(gpt.recipe, { ...done.gpt, whole: gpt.whole });
  return {
    cnn: await compareCnn(networks, data.test.take(images), x, { rounds, title: "The CNN, compressed" }),
    gpt: await compareGpt(languages, everyFourth(windows), length, { rounds, title: "The GPT, compressed" }),
  };
}

const parityOf = ({ cnn, gpt }: Both) => ({
  cnn: { maxAbs: cnn.parity.maxAbs, equalPredictions: cnn.parity.equalPredictions },
  gpt: { maxAbs: gpt.parity.maxAbs, equalPredictions: gpt.parity.equalPredictions },
});

/** Of the GPT's predictions, which rounding may decide where two characters are as probable. */
const EQUAL = 0.98;

function missesOf({ cnn, gpt }: Both, { speedup, loss }: (typeof TARGETS)[keyof typeof TARGETS]): string[] {
  const { accuracyBefore, accuracyAfter } = cnn.outcome;
  const { natsBefore, natsAfter } = gpt.outcome;
  const share = ({ equalPredictions: e }: Measured<unknown>["parity"]) => (e ? e.equal / e.total : 0);
  return [
    ...atLeast("speed of the CNN, times that before", cnn.outcome.speedup, speedup),
    ...atLeast("speed of the GPT, times that before", gpt.outcome.speedup, speedup),
    ...atMost("share of its accuracy that the CNN lost", 1 - accuracyAfter / accuracyBefore, loss),
    ...atMost("share by which the GPT's nats grew", natsAfter / natsBefore - 1, loss),
    ...atLeast("the CNN's predictions equal to ONNX Runtime's", share(cnn.parity), 1),
    ...atLeast("the GPT's predictions equal to ONNX Runtime's", share(gpt.parity), EQUAL),
    ...atMost("the CNN's largest difference to ONNX Runtime", cnn.parity.maxAbs, LOGIT_TOLERANCE),
    ...atMost("the GPT's largest difference to ONNX Runtime", gpt.parity.maxAbs, SCORE_TOLERANCE),
  ];
}

/** Measures the committed models anew. */
async function evaluate(options: Options): Promise<void> {
  const from = await start({ ...options, quick: false });
  const { cnn, gpt, data, texts } = from;
  const small = {
    cnn: { small: await loadCnn(compressedFile("cnn"), cnn.recipe), file: compressedFile("cnn") },
    gpt: {
      small: await loadGpt(compressedFile("gpt"), gpt.recipe, gpt.whole.vocabSize),
      file: compressedFile("gpt"),
    },
  };
  const both = await measure(from, small, data.test, validationWindows(texts, gpt.recipe.model.maxSeqLen));
  for (const { job, blas, own } of [...both.cnn.speeds, ...both.gpt.speeds])
    console.log(
      `${job}: with a BLAS ${blas.before.toFixed(2)} → ${blas.after.toFixed(2)} ms, own kernels ${own.before.toFixed(2)} → ${own.after.toFixed(2)} ms`,
    );
  const result = { cnn: both.cnn.outcome, gpt: both.gpt.outcome };
  finish({ json: false, result, misses: missesOf(both, TARGETS.full) });
  if (options.json) console.log(JSON.stringify(result));
}

async function main(): Promise<void> {
  const modes = [
    new Option("--evaluate", "measure the committed models on all test images and validation characters"),
    new Option("--keep", "put the compressed models where --evaluate looks for them"),
  ];
  const options = exampleOptions<Modes>("05-capstone", "Milestone 5: smaller and faster", modes);
  if (options.keep && options.quick)
    refuse("05-capstone --quick --keep: a quick run's models are no milestone; leave one of both out");
  await (options.evaluate ? evaluate(options) : train(options));
}

if (isMain(import.meta.url)) await main();
