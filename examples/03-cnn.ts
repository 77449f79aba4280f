/**
 * Milestone 3: networks that see. Three convolutions, and a residual network, on CIFAR-10.
 *
 *   npx tsx examples/03-cnn.ts                 # trains both; Ctrl-C and start again: it goes on where it was
 *   npx tsx examples/03-cnn.ts --quick         # small networks on a part of the images, or on synthetic shapes
 *   npx tsx examples/03-cnn.ts --evaluate      # measures the committed models on all 10,000 test images
 *
 * Three convolutions must reach 86 % of the test images, the residual network 92 %. Beside them: an MLP of equal size, the same
 * network with frozen random filters, the cost of every layer. The models are run by ONNX Runtime, which must agree. Writes a
 * page, pictures and models to `out/03-cnn/`.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import { manualSeed, scope, type Tensor } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { CrossEntropyLoss, type Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { writeDurably } from "tensorgrad/runtime/node";
import { loadTensors, progressDisplay, saveTensors } from "tensorgrad/train/node";
import { type ParityReport, parity } from "verify";
import { type Pictures, pictures } from "./lib/cifar-data.ts";
import { filterGradients, frozen, mlpOfEqualSize } from "./lib/cnn-baselines.ts";
import { convolutions } from "./lib/cnn-pictures.ts";
import { build, type ImageRecipe, residual, threeConv } from "./lib/cnn-recipes.ts";
import {
  type ImageRun,
  type Judgement,
  judgeImages,
  parameterCount,
  trainImages,
} from "./lib/image-classifier.ts";
import { profileLayers } from "./lib/network-profile.ts";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";
import { crossEntropyByHand, idleParameters, moved, type Proof, proofMisses, snapshot } from "./lib/proof.ts";
import { type CnnResults, type Judged, writeCnnReport } from "./lib/sections/cnn-report.ts";

const OUT = "out/03-cnn";

/** The networks of the milestone, by the names of their files. */
export const RECIPES = {
  threeConv: threeConv([64, 128, 256], 8),
  residual: residual([32, 64, 128, 128], 15),
} as const;
const QUICK = { threeConv: threeConv([16, 32, 64], 2), residual: residual([8, 16, 32, 32], 2) } as const;
type Name = keyof typeof RECIPES;

/** Shares of the test images. Chance is 0.1. */
export const TARGETS = {
  cifar10: { threeConv: 0.86, residual: 0.92 },
  synthetic: { threeConv: 0.95, residual: 0.95 },
  quick: { threeConv: 0.3, residual: 0.25 },
  parityMaxAbs: 1e-4,
} as const;

interface Options {
  readonly quick: boolean;
  readonly seed: number;
  readonly json: boolean;
  readonly evaluate?: boolean;
}

/** Every test image as one tensor: what both engines are given. */
const allOf = (test: ImageDataset): Tensor =>
  test.batch(Int32Array.from({ length: test.length }, (_, i) => i)).x;

async function deliver(name: Name, run: ImageRun, judgement: Judgement, seed: number): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const { testAccuracy, testAccuracyFlip } = judgement;
  const metadata = { recipe: run.recipe, seed, testAccuracy, testAccuracyFlip };
  await saveTensors(`${OUT}/${name}.safetensors`, run.model.stateDict(), {
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)])),
  });
}

/** Exports a trained model, and runs it in ONNX Runtime on every test image; a few of them are computed in float64, too. */
async function compare(name: string, model: Sequential, test: ImageDataset): Promise<ParityReport> {
  using _ = scope();
  model.eval();
  const images = allOf(test);
  mkdirSync(OUT, { recursive: true });
  const example = images.narrow(0, 0, 2);
  await writeDurably(`${OUT}/${name}.onnx`, Buffer.from(exportOnnx(model, example, { dynamicBatch: true })));
  return parity(model, images, { tolerance: TARGETS.parityMaxAbs, rowsPerRun: 250, float64Rows: 8 });
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

/** Trains one network, or goes on where it was interrupted, and judges it once. */
async function train(
  name: Name | "mlp" | "frozen",
  recipe: ImageRecipe,
  data: Pictures,
  options: Options,
  target: number,
): Promise<Judged> {
  using display = await progressDisplay();
  const folder = options.quick ? {} : { folder: `${OUT}/${name}-${options.seed}` };
  const run = await trainImages(recipe, data.train, {
    ...options,
    ...folder,
    onProgress: display.onProgress,
  });
  if (run.stopped !== null) {
    console.log(`${recipe.name}: ${run.stopped}; start again to go on`);
    process.exit(130);
  }
  const judgement = judgeImages(run.model, data.test);
  if (name === "threeConv" || name === "residual") await deliver(name, run, judgement, options.seed);
  return { run, judgement, target };
}

async function trainAll(options: Options): Promise<void> {
  const { quick, seed, json } = options;
  const data = await pictures(seed, quick);
  const recipes = quick ? QUICK : RECIPES;
  const target = quick && data.name === "cifar10" ? TARGETS.quick : TARGETS[data.name];
  const three = await train("threeConv", recipes.threeConv, data, options, target.threeConv);
  const deep = await train("residual", recipes.residual, data, options, target.residual);
  const mlp = await train("mlp", mlpOfEqualSize(recipes.threeConv), data, options, 0);
  const still = await train("frozen", frozen(recipes.threeConv), data, options, 0);
  const images = data.test.batch(Int32Array.from({ length: 64 }, (_, i) => i)).x;
  const parities = [
    await compare("threeConv", three.run.model, data.test),
    await compare("residual", deep.run.model, data.test),
  ];
  const results: CnnResults = {
    ...{
      threeConv: three,
      residual: deep,
      mlp,
      frozen: still,
      parities,
      test: data.test,
      classes: data.classes,
    },
    ...prove(recipes.threeConv, three.run.model, data.test, seed),
    layers: profileLayers(three.run.model, images),
    mlpLayers: profileLayers(mlp.run.model, images),
  };
  const files = await writeCnnReport(OUT, results);
  finish({
    json,
    result: { dataset: data.name, ...resultOf(results), pictures: files },
    misses: [
      ...atLeast("test accuracy of three convolutions", three.judgement.testAccuracy, target.threeConv),
      ...atLeast("test accuracy of the residual network", deep.judgement.testAccuracy, target.residual),
      ...atLeast(
        "accuracy beyond the frozen filters'",
        three.judgement.testAccuracy - still.judgement.testAccuracy,
        0,
      ),
      ...atMost("filters without a gradient", results.filters.idle, 0),
      ...parityMisses(parities),
      ...proofMisses(results.proof),
    ],
  });
}

const parityMisses = (parities: readonly ParityReport[]): string[] => {
  const { equal, maxAbs, total } = agreement(parities);
  return [
    ...atLeast("predictions equal to ONNX Runtime's", equal, total),
    ...atMost("largest difference to ONNX Runtime", maxAbs, TARGETS.parityMaxAbs),
  ];
};

const agreement = (parities: readonly ParityReport[]) => ({
  equal: parities.reduce((sum, { equalPredictions }) => sum + (equalPredictions?.equal ?? 0), 0),
  total: parities.reduce((sum, { equalPredictions }) => sum + (equalPredictions?.total ?? 0), 0),
  maxAbs: Math.max(...parities.map(({ maxAbs }) => maxAbs)),
});

function resultOf({
  threeConv,
  residual,
  mlp,
  frozen,
  layers,
  mlpLayers,
  filters,
  proof,
  parities,
}: CnnResults) {
  const of = ({ run, judgement }: Judged) => ({
    recipe: run.recipe,
    parameters: parameterCount(run.model),
    testAccuracy: judgement.testAccuracy,
    testAccuracyFlip: judgement.testAccuracyFlip,
    seconds: run.seconds,
    epochs: run.epochs,
  });
  const { equal, maxAbs } = agreement(parities);
  return {
    threeConv: { ...of(threeConv), firstLosses: threeConv.run.losses.slice(0, 50) },
    residual: { ...of(residual), firstLosses: residual.run.losses.slice(0, 50) },
    mlp: of(mlp),
    frozen: of(frozen),
    ...{ layers, mlpLayers, filters, proof },
    equalPredictions: equal,
    parityMaxAbs: maxAbs,
  };
}

/** The committed model of that name. */
export async function committed(name: Name): Promise<Sequential> {
  const file = fileURLToPath(new URL(`./checkpoints/03-${name}.safetensors`, import.meta.url));
  const { tensors } = await loadTensors(file);
  const model = build(RECIPES[name]);
  model.loadStateDict(tensors);
  return model;
}

/** Measures the committed models anew. */
async function evaluate({ seed, json }: Options): Promise<void> {
  const { test, name } = await pictures(seed, false);
  if (name !== "cifar10")
    throw new RangeError(
      "03-cnn --evaluate: the committed models know CIFAR-10 — set TENSORGRAD_DATA to a folder with cifar-10/",
    );
  const of = async (which: Name) => {
    const model = await committed(which);
    const { testAccuracy, testAccuracyFlip } = judgeImages(model, test);
    return { model, measured: { testAccuracy, testAccuracyFlip, parameters: parameterCount(model) } };
  };
  const [three, deep] = [await of("threeConv"), await of("residual")];
  const parities = [
    await compare("threeConv", three.model, test),
    await compare("residual", deep.model, test),
  ];
  const { equal, maxAbs } = agreement(parities);
  finish({
    json,
    result: {
      threeConv: three.measured,
      residual: deep.measured,
      equalPredictions: equal,
      parityMaxAbs: maxAbs,
    },
    misses: [
      ...atLeast(
        "test accuracy of three convolutions",
        three.measured.testAccuracy,
        TARGETS.cifar10.threeConv,
      ),
      ...atLeast(
        "test accuracy of the residual network",
        deep.measured.testAccuracy,
        TARGETS.cifar10.residual,
      ),
      ...parityMisses(parities),
    ],
  });
}

async function main(): Promise<void> {
  const options = exampleOptions<{ evaluate?: boolean }>("03-cnn", "Milestone 3: networks that see", [
    new Option("--evaluate", "measure the committed models on all test images"),
  ]);
  await (options.evaluate ? evaluate(options) : trainAll(options));
}

if (isMain(import.meta.url)) await main();
