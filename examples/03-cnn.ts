/**
 * Milestone 3: networks that see. Three convolutions, and a residual network, on CIFAR-10.
 *
 *   npx tsx examples/03-cnn.ts                 # trains both; Ctrl-C and start again: it goes on where it was
 *   npx tsx examples/03-cnn.ts --quick         # small networks on a part of the images, or on synthetic shapes
 *   npx tsx examples/03-cnn.ts --evaluate      # measures the committed models on all 10,000 test images
 *   npx tsx examples/03-cnn.ts --keep          # as without, then puts the models where --evaluate looks for them
 *   npx tsx examples/03-cnn.ts --only threeConv    # one of both, without what stands beside it
 *
 * Three convolutions must reach 86 % of the test images, the residual network 92 %. Beside them: an MLP of equal size, the same
 * network with frozen random filters, the cost of every layer. The models are run by ONNX Runtime, which must agree. Writes a
 * page, pictures and models to `out/03-cnn/`.
 */
import { existsSync, mkdirSync } from "node:fs";
import { Option } from "commander";
import type { ParityReport } from "gradverify";
import { manualSeed, scope } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { CrossEntropyLoss, type Sequential } from "tensorgrad/nn";
import { environment, progressDisplay } from "tensorgrad/train/node";
import { type Pictures, pictures } from "./lib/cifar-data.ts";
import { filterGradients, frozen, mlpOfEqualSize } from "./lib/cnn-baselines.ts";
import {
  agreement,
  committedFile,
  committedModel,
  compareModel,
  LOGIT_TOLERANCE,
  saveModel,
  writeOnnx,
} from "./lib/cnn-models.ts";
import { convolutions } from "./lib/cnn-pictures.ts";
import { build, folderName, type ImageRecipe, type NetworkName, QUICK, RECIPES } from "./lib/cnn-recipes.ts";
import { judgeImages, parameterCount, trainImages } from "./lib/image-classifier.ts";
import { profileLayers } from "./lib/network-profile.ts";
import { atLeast, atMost, exampleOptions, finish, isMain, refuse } from "./lib/options.ts";
import { crossEntropyByHand, idleParameters, moved, type Proof, proofMisses, snapshot } from "./lib/proof.ts";
import { type CnnResults, type Judged, writeCnnReport } from "./lib/sections/cnn-report.ts";

const OUT = "out/03-cnn";

/** Shares of the test images. Chance is 0.1. */
export const TARGETS = {
  cifar10: { threeConv: 0.86, residual: 0.92 },
  synthetic: { threeConv: 0.95, residual: 0.95 },
  quick: { threeConv: 0.3, residual: 0.25 },
} as const;

interface Modes {
  readonly evaluate?: boolean;
  readonly keep?: boolean;
  readonly only?: NetworkName;
}

interface Options extends Modes {
  readonly quick: boolean;
  readonly seed: number;
  readonly json: boolean;
}

/** Models are kept only of the real images: those of synthetic shapes would take the place of what others evaluate. */
async function picturesOf({ seed, quick, keep }: Options): Promise<Pictures> {
  const data = await pictures(seed, quick);
  if (keep && data.name !== "cifar10")
    refuse(
      "03-cnn --keep: only models that know CIFAR-10 are kept — set TENSORGRAD_DATA to a folder with cifar-10/",
    );
  return data;
}

/** Trains one network, or goes on where it was interrupted, and judges it once. */
async function train(
  recipe: ImageRecipe,
  data: Pictures,
  { quick, seed }: Options,
  target: number,
): Promise<Judged> {
  using display = await progressDisplay();
  const run = await trainImages(recipe, data.train(recipe.augmentation), {
    ...{ quick, seed, onProgress: display.onProgress },
    ...(quick ? {} : { folder: `${OUT}/${folderName(recipe, data.name, seed)}` }),
  });
  if (run.stopped !== null) {
    console.log(`${recipe.name}: ${run.stopped}; start again to go on`);
    process.exit(130);
  }
  return { run, judgement: judgeImages(run.model, data.test), target };
}

/** Writes a trained model in both formats, and runs it in ONNX Runtime. */
async function deliver(
  name: NetworkName,
  { run, judgement }: Judged,
  test: ImageDataset,
  { seed, keep }: Options,
): Promise<ParityReport> {
  const { testAccuracy, testAccuracyFlip } = judgement;
  const facts = { recipe: run.recipe, seed, testAccuracy, testAccuracyFlip };
  mkdirSync(OUT, { recursive: true });
  for (const path of [`${OUT}/${name}.safetensors`, ...(keep ? [committedFile(name)] : [])])
    await saveModel(path, run.model, facts);
  await writeOnnx(`${OUT}/${name}.onnx`, run.model, test);
  return compareModel(run.model, test);
}

/** Did the weights move, did every one take part, and is the loss what a textbook says? */
function prove(recipe: ImageRecipe, model: Sequential, test: ImageDataset, seed: number) {
  manualSeed(seed);
  const before = snapshot(build(recipe)); // the weights that the run began with
  using _ = scope();
  const { x, y } = test.batch(Int32Array.from({ length: 250 }, (_, i) => i));
  const logits = model.forward(x);
  const loss = new CrossEntropyLoss().forward(logits, y);
  loss.backward();
  const proof: Proof = {
    moved: moved(model, before),
    idle: idleParameters(model),
    loss: { engine: loss.item(), recomputed: crossEntropyByHand(logits, y.data) },
  };
  const filters = filterGradients(convolutions(model));
  model.zeroGrad();
  return { proof, filters };
}

async function trainAll(options: Options): Promise<void> {
  const { quick, seed, json } = options;
  const data = await picturesOf(options);
  const { test, classes } = data;
  const recipes = quick ? QUICK : RECIPES;
  const target = quick && data.name === "cifar10" ? TARGETS.quick : TARGETS[data.name];
  const threeConv = await train(recipes.threeConv, data, options, target.threeConv);
  const residual = await train(recipes.residual, data, options, target.residual);
  const mlp = await train(mlpOfEqualSize(recipes.threeConv), data, options, 0);
  const still = await train(frozen(recipes.threeConv), data, options, 0);
  const parities = [
    await deliver("threeConv", threeConv, test, options),
    await deliver("residual", residual, test, options),
  ];
  const images = test.batch(Int32Array.from({ length: 64 }, (_, i) => i)).x;
  const results: CnnResults = {
    ...{ threeConv, residual, mlp, frozen: still, parities, test, classes },
    ...prove(recipes.threeConv, threeConv.run.model, test, seed),
    layers: profileLayers(threeConv.run.model, images),
    mlpLayers: profileLayers(mlp.run.model, images),
  };
  const files = await writeCnnReport(OUT, results);
  const gained = threeConv.judgement.testAccuracy - still.judgement.testAccuracy;
  finish({
    json,
    result: { dataset: data.name, seed, ...resultOf(results), pictures: files },
    misses: [
      ...accuracyMisses(threeConv.judgement, residual.judgement, target),
      ...atLeast("accuracy beyond the frozen filters'", gained, 0),
      ...atMost("filters without a gradient", results.filters.idle, 0),
      ...parityMisses(parities),
      ...proofMisses(results.proof),
    ],
  });
}

/** Trains and measures one of the networks alone. */
async function trainOne(name: NetworkName, options: Options): Promise<void> {
  const { quick, seed, json } = options;
  const data = await picturesOf(options);
  const recipe = (quick ? QUICK : RECIPES)[name];
  const target = (quick && data.name === "cifar10" ? TARGETS.quick : TARGETS[data.name])[name];
  const judged = await train(recipe, data, options, target);
  const parities = [await deliver(name, judged, data.test, options)];
  const proofs = prove(recipe, judged.run.model, data.test, seed);
  const result = { ...measured(judged), ...proofs };
  finish({
    json,
    result: { dataset: data.name, seed, made: made(), [name]: result, ...agreed(parities) },
    misses: [
      ...atLeast("test accuracy", judged.judgement.testAccuracy, target),
      ...atMost("filters without a gradient", proofs.filters.idle, 0),
      ...parityMisses(parities),
      ...proofMisses(proofs.proof),
    ],
  });
}

type Accuracy = { readonly testAccuracy: number };

const accuracyMisses = (three: Accuracy, deep: Accuracy, target: Record<NetworkName, number>): string[] => [
  ...atLeast("test accuracy of three convolutions", three.testAccuracy, target.threeConv),
  ...atLeast("test accuracy of the residual network", deep.testAccuracy, target.residual),
];

const parityMisses = (parities: readonly ParityReport[]): string[] => {
  const { equal, maxAbs, total } = agreement(parities);
  return [
    ...atLeast("predictions equal to ONNX Runtime's", equal, total),
    ...atMost("largest difference to ONNX Runtime", maxAbs, LOGIT_TOLERANCE),
  ];
};

/** What a log keeps of a training: enough to repeat its beginning and to measure its end anew. */
const measured = ({ run, judgement }: Judged) => ({
  recipe: run.recipe,
  parameters: parameterCount(run.model),
  testAccuracy: judgement.testAccuracy,
  testAccuracyFlip: judgement.testAccuracyFlip,
  seconds: run.seconds,
  epochs: run.epochs,
  firstLosses: run.losses.slice(0, 50),
});

/** What the numbers were made with. */
function made() {
  const { threads, blas, kernels, git } = environment();
  return { threads, blas, kernels, commit: git?.commit ?? null };
}

function agreed(parities: readonly ParityReport[]) {
  const { equal, total, maxAbs } = agreement(parities);
  return { equalPredictions: equal, predictions: total, parityMaxAbs: maxAbs };
}

function resultOf({ threeConv, residual, mlp, frozen, parities, ...rest }: CnnResults) {
  const { layers, mlpLayers, filters, proof } = rest;
  return {
    made: made(),
    ...{ threeConv: measured(threeConv), residual: measured(residual) },
    ...{ mlp: measured(mlp), frozen: measured(frozen) },
    ...{ layers, mlpLayers, filters, proof, ...agreed(parities) },
  };
}

/**
 * Measures the committed models anew, each image once. Of 10,000 images each model makes a prediction: `equalPredictions` counts
 * those of all models that ONNX Runtime makes, too, and is 20,000 at most. A network that was not committed is null, and missed.
 */
async function evaluate({ seed, json }: Options): Promise<void> {
  const { test, name } = await pictures(seed, false);
  if (name !== "cifar10")
    throw new RangeError(
      "03-cnn --evaluate: the committed models know CIFAR-10 — set TENSORGRAD_DATA to a folder with cifar-10/",
    );
  const parities: ParityReport[] = [];
  const of = async (which: NetworkName) => {
    if (!existsSync(committedFile(which))) return null;
    const model = await committedModel(which);
    const { testAccuracy, testAccuracyFlip } = judgeImages(model, test);
    parities.push(await compareModel(model, test));
    return { testAccuracy, testAccuracyFlip, parameters: parameterCount(model) };
  };
  const [threeConv, residual] = [await of("threeConv"), await of("residual")];
  const { equalPredictions, parityMaxAbs } = agreed(parities);
  const result = { threeConv, residual, equalPredictions, parityMaxAbs };
  const missing = { testAccuracy: 0 }; // reaches no target
  for (const [which, known] of Object.entries({ threeConv, residual }))
    if (!known) console.log(`${which}: no trained model is committed`);
  finish({
    ...{ json: false, result },
    misses: [
      ...accuracyMisses(threeConv ?? missing, residual ?? missing, TARGETS.cifar10),
      ...parityMisses(parities),
    ],
  });
  if (json) console.log(JSON.stringify(result));
}

async function main(): Promise<void> {
  const modes = [
    new Option("--evaluate", "measure the committed models on all test images"),
    new Option("--keep", "put the trained models where --evaluate looks for them"),
    new Option("--only <network>", "train one network alone").choices(Object.keys(RECIPES)),
  ];
  const options = exampleOptions<Modes>("03-cnn", "Milestone 3: networks that see", modes);
  if (options.keep && options.quick)
    refuse("03-cnn --quick --keep: a quick run's models are no milestone; leave one of both out");
  if (options.evaluate) await evaluate(options);
  else await (options.only ? trainOne(options.only, options) : trainAll(options));
}

if (isMain(import.meta.url)) await main();
