import { noGrad, Random, randint, scope, type Tensor } from "tensorgrad";
import { lowRank, magnitudePrune, measureSparsity, structuredPrune } from "tensorgrad/compression";
import { type ImageDataset, Subset } from "tensorgrad/data";
import { evaluating, type GPT, type Module } from "tensorgrad/nn";
import { loadTensors } from "tensorgrad/train/node";
import { committed } from "../../examples/04-tinygpt.ts";
import { accuracyOf, halved } from "../../examples/lib/capstone/cnn.ts";
import { compressedFile, loadCnn } from "../../examples/lib/capstone/storage.ts";
import { pictures } from "../../examples/lib/cifar-data.ts";
import { committedModel, compareModel } from "../../examples/lib/cnn-models.ts";
import { RECIPES } from "../../examples/lib/cnn-recipes.ts";
import { meanSurprise } from "../../examples/lib/gpt-score.ts";
import { shakespeare, validationWindows } from "../../examples/lib/gpt-texts.ts";
import { parameterCount } from "../../examples/lib/image-classifier.ts";
import { compared, report } from "../lib/measure.ts";
import { lotteryTickets, type Tickets } from "../lib/tickets.ts";

/**
 * Note 18: what pruning, low rank and distillation leave of the committed models, and what gets faster. Needs CIFAR-10 and
 * Shakespeare. The network with half of the channels, trained on, is that of milestone 5.
 *
 *   npx tsx notes/measure/18-compression.ts --quick   # a first look: 1,000 images, one seed
 */
const quick = process.argv.includes("--quick");
const SEEDS = quick ? [1] : [1, 2, 3];
/** Test images for curves, which decide nothing; the result is of all 10,000. */
const [FEW, ALL] = quick ? [500, 1000] : [2000, 10_000];
const SPARSITIES = [0.5, 0.7, 0.8, 0.9, 0.95];
const ENERGIES = [0.9, 0.8];

const threeConv = () => committedModel("threeConv");

/** Forward passes of several models, in turns: median milliseconds. */
function times<Name extends string>(models: Record<Name, Module>, x: Tensor): Record<Name, number> {
  const run = (model: Module) => () => {
    using _ = scope();
    using __ = noGrad();
    using ___ = evaluating(model);
    model.forward(x);
  };
  const ways = Object.fromEntries(Object.entries<Module>(models).map(([name, model]) => [name, run(model)]));
  return compared(ways as Record<Name, () => void>, { rounds: 21, warmUp: 3 });
}

/** Single weights: accuracy against sparsity, weights of the whole model or of each layer. */
async function unstructured(test: ImageDataset) {
  const points = [];
  for (const sparsity of SPARSITIES) {
    const found: Record<string, number> = {};
    for (const across of ["model", "layer"] as const) {
      const model = await threeConv();
      magnitudePrune(model, { sparsity, across });
      found[across] = accuracyOf(model, test);
      Object.assign(found, { bytes: measureSparsity(model).bytes.sparse });
    }
    points.push({ sparsity, ...found });
  }
  return points;
}

/** Half of the channels: before and after training on. */
async function structured(test: ImageDataset) {
  const [whole, masked] = [await threeConv(), await threeConv()];
  const recipe = RECIPES.threeConv;
  const half = halved(recipe, whole);
  magnitudePrune(masked, { sparsity: 0.9 });
  const { metadata } = await loadTensors(compressedFile("cnn"));
  const model = await loadCnn(compressedFile("cnn"), recipe);
  const { x } = test.batch(Int32Array.from({ length: 250 }, (_, i) => i));
  const one = test.batch([0]).x;
  const [batch, single] = [times({ whole, masked, half: model }, x), times({ whole, half: model }, one)];
  const after = accuracyOf(model, test);
  const before = accuracyOf(whole, test);
  const parity = await compareModel(model, test);
  return {
    ...{
      steps: Number((metadata as { steps: string }).steps),
      before,
      pruned: accuracyOf(half, test),
      after,
    },
    lost: 100 * (before - after),
    parameters: { before: parameterCount(whole), after: parameterCount(model) },
    milliseconds: batch,
    single,
    speedup: batch.whole / batch.half,
    speedupOfOne: single.whole / single.half,
    maskedSpeedup: batch.whole / batch.masked,
    parityMaxAbs: parity.maxAbs,
  };
}

async function thinned(test: ImageDataset) {
  const whole = await threeConv();
  const { x } = test.batch(Int32Array.from({ length: 250 }, (_, i) => i));
  const points = [];
  for (const energy of ENERGIES) {
    const model = await threeConv();
    const { layers } = lowRank(model, { energy });
    const time = times({ whole, thin: model }, x);
    const ranks = layers.map(({ name, rank }) => `${name}: ${rank}`).join(", ");
    const [parameters, speedup] = [parameterCount(model), time.whole / time.thin];
    points.push({ energy, ranks, parameters, accuracy: accuracyOf(model, test), speedup });
  }
  return points;
}

/** A GPT whose heads and neurons leave, without training on. */
async function language() {
  const texts = await shakespeare();
  const windows = validationWindows(texts, 128);
  const some = new Subset(
    windows,
    Array.from({ length: Math.floor(windows.length / 8) }, (_, i) => 8 * i),
  );
  const whole = await committed();
  const ids = randint(0, 65, [16, 128], { random: new Random(1) });
  const ways: Record<string, (model: GPT) => unknown> = {
    "a tenth of the neurons": (model) => structuredPrune(model, { sparsity: 0.1, heads: 0 }),
    "a quarter of the neurons": (model) => structuredPrune(model, { sparsity: 0.25, heads: 0 }),
    "half of the neurons": (model) => structuredPrune(model, { sparsity: 0.5, heads: 0 }),
    "one head of four": (model) => structuredPrune(model, { sparsity: 0, heads: 0.25 }),
    "rank 64": (model) => lowRank(model, { rank: 64 }),
    "half of the single weights": (model) => magnitudePrune(model, { sparsity: 0.5 }),
  };
  const points = [];
  for (const [name, compress] of Object.entries(ways)) {
    const model = await committed();
    compress(model);
    const time = times({ whole, model }, ids);
    points.push({
      ...{ name, parameters: parameterCount(model), nats: meanSurprise(model, some) },
      speedup: time.whole / time.model,
    });
  }
  return { parameters: parameterCount(whole), nats: meanSurprise(whole, some), points };
}

async function tickets() {
  const runs: Tickets[] = [];
  for (const seed of SEEDS) runs.push(await lotteryTickets(seed, [0.8, 0.95, 0.98], quick ? 2 : 5));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const names = ["sparsity", "pruned", "fineTuned", "rewound", "redrawn"] as const;
  return {
    seeds: SEEDS.length,
    dense: mean(runs.map(({ dense }) => dense)),
    points: runs[0].tickets.map((_, i) =>
      Object.fromEntries(names.map((name) => [name, mean(runs.map(({ tickets }) => tickets[i][name]))])),
    ),
  };
}

const data = await pictures(1, false);
if (data.name !== "cifar10")
  throw new RangeError("18-compression: needs CIFAR-10 — set TENSORGRAD_DATA to a folder with cifar-10/");
report({
  tickets: await tickets(),
  unstructured: await unstructured(data.test.take(FEW)),
  thinned: await thinned(data.test.take(FEW)),
  language: await language(),
  structured: await structured(data.test.take(ALL)),
});
