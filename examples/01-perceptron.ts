/**
 * Milestone 1: one neuron finds the line between two classes of points.
 *
 *   npx tsx examples/01-perceptron.ts     100 % of the training points, ≥ 99 % of others, on 20 of 20 seeds; about 5 s
 *
 * The same neuron is then trained with ReLU in place of the sigmoid, which often never learns: a line that starts on the
 * wrong side of all points has no slope anywhere. Writes pictures (SVG and PNG), a page, the model as safetensors and
 * ONNX to `out/01-perceptron/`.
 */

import { parity } from "gradverify";
import { manualSeed, noGrad, Random, scope, type Tensor, tensor } from "tensorgrad";
import type { TensorDataset } from "tensorgrad/data";
import { BCELoss, Linear, MSELoss, ReLU, Sequential, Sigmoid } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { SGD } from "tensorgrad/optim";
import { median } from "tensorgrad/runtime";
import { writeDurably } from "tensorgrad/runtime/node";
import { type Metric, type Progress, Trainer } from "tensorgrad/train";
import { progressDisplay, saveTensors } from "tensorgrad/train/node";
import { type MemoryProfile, profileStep } from "./lib/memory-profile.ts";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";
import {
  binaryCrossEntropyByHand,
  idleParameters,
  moved,
  type Proof,
  proofMisses,
  snapshot,
} from "./lib/proof.ts";
import { writePerceptronReport } from "./lib/sections/perceptron.ts";
import { drawLine, type Line, separable } from "./lib/separable.ts";

const OUT = "out/01-perceptron";
const [TRAIN, TEST, MARGIN] = [200, 2000, 0.1];
const SEEDS = { full: 20, quick: 5 };
/** All points at once in every step, so that the curves show the descent and not the luck of the draw. */
const [STEPS, STEPS_PER_EPOCH] = [500, 50];

/** The neuron's output, and what it is trained with: the same for both but for the function at its end. */
const NEURONS = {
  sigmoid: { activation: () => new Sigmoid(), lr: 2 },
  relu: { activation: () => new ReLU(), lr: 0.1 }, // at 0.5 and above even more of them die
} as const;
export type Neuron = keyof typeof NEURONS;

export interface PerceptronRun {
  seed: number;
  line: Line;
  model: Sequential;
  train: TensorDataset;
  test: TensorDataset;
  /** Of every step, before it. */
  losses: number[];
  accuracies: number[];
  trainAccuracy: number;
  testAccuracy: number;
  /** Between the learned line and the true one. */
  angleDegrees: number;
  /** Steps until 95 % of the training points are right for the first time; null if that never happens. */
  solvedAt: number | null;
  /** ReLU only: no training point makes the neuron fire, and so nothing will ever change. */
  dead: boolean;
  seconds: number;
}

/** Predictions above ½ against targets 0 and 1. */
const accuracy: Metric = (output, target) => {
  const [p, y] = [output.data, target.data];
  let right = 0;
  for (let i = 0; i < p.length; i++) right += Number(p[i] > 0.5 === y[i] > 0.5);
  return right / p.length;
};

/** A perceptron, Linear(2 → 1) and a sigmoid or ReLU, trained on `TRAIN` separable points. */
export async function trainPerceptron({
  seed,
  neuron = "sigmoid",
  loss = new MSELoss(),
  steps = STEPS,
  onProgress = () => {},
}: PerceptronOptions): Promise<PerceptronRun> {
  const started = performance.now();
  const random = new Random(seed);
  manualSeed(seed);
  const line = drawLine(random);
  const [train, test] = [TRAIN, TEST].map((count) => separable(line, { count, margin: MARGIN, random }));
  const { activation, lr } = NEURONS[neuron];
  const model = new Sequential(new Linear(2, 1), activation());
  const accuracies: number[] = [];
  const trainer = new Trainer({
    model,
    loss,
    optimizer: new SGD(model.parameters(), { lr, momentum: 0.9 }),
    metrics: { accuracy },
    callbacks: [{ onStepEnd: (_, { metrics }) => void accuracies.push(metrics.accuracy) }],
    onProgress,
  });
  const epoch = Array.from({ length: Math.min(steps, STEPS_PER_EPOCH) }, () => ({ x: train.x, y: train.y }));
  const history = await trainer.fit(epoch, { epochs: Math.ceil(steps / STEPS_PER_EPOCH) });
  const outputs = predict(model, train.x);
  const first = accuracies.findIndex((value) => value >= 0.95);
  return {
    ...{ seed, line, model, train, test, accuracies },
    losses: history.flatMap((epoch) => epoch.train.losses),
    trainAccuracy: accuracy(outputs, train.y),
    testAccuracy: accuracy(predict(model, test.x), test.y),
    angleDegrees: angleBetween(model, line),
    solvedAt: first < 0 ? null : first,
    dead: neuron === "relu" && outputs.data.every((value) => value === 0),
    seconds: (performance.now() - started) / 1000,
  };
}

export interface PerceptronOptions {
  seed: number;
  neuron?: Neuron;
  loss?: { forward(output: Tensor, target: Tensor): Tensor };
  steps?: number;
  onProgress?: (progress: Progress) => void;
}

const predict = (model: Sequential, x: Tensor): Tensor => noGrad(() => model.forward(x));

/** The angle between the line where the neuron says ½ and the true one, in degrees. */
function angleBetween(model: Sequential, line: Line): number {
  const [w1, w2] = model.parameters()[0].data;
  const cosine = (w1 * line.normal[0] + w2 * line.normal[1]) / Math.hypot(w1, w2);
  return (Math.acos(Math.min(1, cosine)) * 180) / Math.PI;
}

/** One more step, watched: did every weight take part, is the loss what a textbook says, and where is the memory? */
async function examine(seed: number): Promise<{ proof: Proof; profile: MemoryProfile }> {
  const untrained = await trainPerceptron({ seed, steps: 1 });
  const before = snapshot(untrained.model);
  const { model, train } = await trainPerceptron({ seed, loss: new BCELoss() });
  const bce = new BCELoss();
  using _ = scope();
  const output = model.forward(train.x);
  const loss = bce.forward(output, train.y);
  loss.backward();
  const proof: Proof = {
    moved: moved(model, before),
    idle: idleParameters(model),
    loss: { engine: loss.item(), recomputed: binaryCrossEntropyByHand(output, train.y.data) },
  };
  model.zeroGrad();
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const loss2 = (output: Tensor, target: Tensor) => bce.forward(output, target);
  return { proof, profile: profileStep({ model, optimizer, loss: loss2, x: train.x, y: train.y }) };
}

/** The same on many seeds, with either function. */
async function sweep(neuron: Neuron, seeds: number, first: number): Promise<PerceptronRun[]> {
  const runs: PerceptronRun[] = [];
  for (let seed = first; seed < first + seeds; seed++) runs.push(await trainPerceptron({ seed, neuron }));
  return runs;
}

async function main(): Promise<void> {
  const { quick, seed, json } = exampleOptions("01-perceptron", "Milestone 1: a line between two classes");
  const started = performance.now();
  const run = await (async () => {
    using display = await progressDisplay();
    return trainPerceptron({ seed, onProgress: display.onProgress });
  })();
  const seeds = quick ? SEEDS.quick : SEEDS.full;
  const sigmoid = await sweep("sigmoid", seeds, seed);
  const relu = await sweep("relu", seeds, seed);
  const { proof, profile } = await examine(seed);
  const report = await parity(run.model, run.test.x);
  const good = sigmoid.filter((run) => run.trainAccuracy === 1 && run.testAccuracy >= 0.99);

  const pictures = await writePerceptronReport(OUT, { run, sigmoid, relu, profile, proof });
  await saveTensors(`${OUT}/model.safetensors`, run.model.stateDict());
  const example = tensor([[0.5, -0.5]]);
  await writeDurably(`${OUT}/model.onnx`, exportOnnx(run.model, example));

  const solved = (runs: PerceptronRun[]) => runs.flatMap(({ solvedAt }) => solvedAt ?? []);
  const result = {
    trainAccuracy: run.trainAccuracy,
    testAccuracy: run.testAccuracy,
    good: good.length,
    seeds,
    worstTestAccuracy: Math.min(...sigmoid.map(({ testAccuracy }) => testAccuracy)),
    angleDegrees: run.angleDegrees,
    sigmoidSolved: solved(sigmoid).length,
    sigmoidMedianSteps: median(solved(sigmoid)),
    reluSolved: solved(relu).length,
    reluMedianSteps: median(solved(relu)),
    reluDead: relu.filter(({ dead }) => dead).length,
    memory: profile,
    proof,
    parityMaxAbs: report.maxAbs,
    seconds: (performance.now() - started) / 1000,
    pictures,
  };
  finish({
    json,
    result,
    misses: [
      ...atLeast("training accuracy", run.trainAccuracy, 1),
      ...atLeast("held-out accuracy", run.testAccuracy, 0.99),
      ...atLeast("seeds with all training points and 99 % of the others right", good.length, seeds),
      ...atMost("bytes that a step leaves behind", profile.after - profile.before, 0),
      ...atMost("largest difference to ONNX Runtime", report.maxAbs, 1e-6),
      ...proofMisses(proof),
    ],
  });
}

if (isMain(import.meta.url)) await main();
