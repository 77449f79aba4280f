import type { ParityReport } from "gradverify";
import type { SummaryRow } from "tensorgrad/plots";
import { count, type Figure, lineChart, percent, type Section } from "tensorgrad/plots";
import type { BestRun } from "../../02-mlp.ts";
import type { MlpRun } from "../digit-classifier.ts";
import type { BatchMemory } from "../memory-profile.ts";
import { savePicture } from "../picture.ts";
import { type Proof, proofRows } from "../proof.ts";
import { writePage } from "../write-page.ts";
import { mlpSection } from "./mlp.ts";

export interface MlpResults {
  perceptron: MlpRun;
  run: MlpRun;
  best: BestRun;
  overfitting: BestRun;
  memory: readonly BatchMemory[];
  proof: Proof;
  /** Of the milestone's network and of the best one. */
  parities: readonly ParityReport[];
  targets: Targets;
}

/** Shares of the test images, and how long the best network may train for its own. */
export interface Targets {
  run: number;
  best: number;
  bestSeconds: number;
}

/** Writes the pictures and the page of milestone 2, and returns the names of all files. */
export async function writeMlpReport(out: string, results: MlpResults): Promise<string[]> {
  const figures = {
    accuracy: accuracyFigure(results),
    "early-stopping": stoppingFigure(results.overfitting),
    memory: memoryFigure(results.memory),
  };
  const written: string[] = [];
  for (const [name, { svg }] of Object.entries(figures)) {
    written.push(...(await savePicture(`${out}/${name}`, svg)));
  }
  writePage(`${out}/index.html`, {
    title: "Milestone 2: reading digits",
    lead: "A layer of weighted sums, an activation, another layer: what the activation is worth, when to stop, and what a batch costs.",
    summary: summaryRows(results),
    sections: [
      mlpSection(results.run),
      { title: "Beside a perceptron, and a larger network", figures: [figures.accuracy] },
      {
        title: "Early stopping",
        text: stoppingText(results.overfitting),
        figures: [figures["early-stopping"]],
      },
      { title: "Memory over the size of the batch", figures: [figures.memory] },
      proofSection(results),
    ],
  });
  return [`${out}/index.html`, ...written];
}

function summaryRows({ perceptron, run, best, targets }: MlpResults): SummaryRow[] {
  const row = (
    job: string,
    { testAccuracy, seconds }: MlpRun,
    target: string,
    passed: boolean,
  ): SummaryRow => ({
    ...{ job, result: `${percent(testAccuracy)} of the test images`, target, seconds, passed },
  });
  const inTime = best.seconds <= targets.bestSeconds;
  return [
    row("perceptron, 784-10", perceptron, "a baseline", true),
    row("MLP, 784-128-10", run, `at least ${percent(targets.run)}`, run.testAccuracy >= targets.run),
    row(
      "MLP, 784-512-512-10",
      best,
      `at least ${percent(targets.best)} within ${targets.bestSeconds} s`,
      best.testAccuracy >= targets.best && inTime,
    ),
  ];
}

function accuracyFigure({ perceptron, run, best }: MlpResults): Figure {
  const line = (name: string, { epochs }: MlpRun) => ({
    name,
    points: epochs.map(({ epoch, testAccuracy }) => [epoch, 100 * testAccuracy] as const),
  });
  return {
    svg: lineChart([line("784-512-512-10", best), line("784-128-10", run), line("perceptron", perceptron)], {
      ...{ title: "Accuracy after each epoch", x: "epoch", y: "images right (%)", height: 400 },
    }),
    caption:
      "On images that were not trained on: the test images, for the largest network those held back from training. A " +
      "perceptron's ten weighted sums see no combination of pixels; a hidden layer does.",
  };
}

function stoppingFigure({ epochs, kept }: BestRun): Figure {
  const line = (name: string, of: "loss" | "testLoss") => ({
    name,
    points: epochs.map((epoch) => [epoch.epoch, epoch[of]] as const),
  });
  return {
    svg: lineChart([line("held back", "testLoss"), line("training", "loss")], {
      ...{ title: "Early stopping", x: "epoch", y: "loss (nats per image)", log: true, height: 400 },
    }),
    caption: `Few examples: the training loss falls on and on, the other does not. The weights of epoch ${kept.epoch} are kept.`,
  };
}

const stoppingText = ({ epochs, stopped, kept, testAccuracy }: BestRun): string =>
  `Trained on few images, the network learns them by heart. ${stopped ?? "It was never stopped"}: ended after ` +
  `${epochs.length} epochs, with the weights of epoch ${kept.epoch}, which read ${percent(testAccuracy)} of the test images.`;

function memoryFigure(memory: readonly BatchMemory[]): Figure {
  const points = memory.map(({ batchSize, peakBytes }) => [batchSize, peakBytes / 1e6] as const);
  const { slope, intercept } = straight(memory);
  const fit = memory.map(({ batchSize }) => [batchSize, (intercept + slope * batchSize) / 1e6] as const);
  return {
    svg: lineChart(
      [
        { name: "measured", points },
        {
          name: `${count(Math.round(slope))} bytes per image + ${(intercept / 1e6).toFixed(2)} MB`,
          points: fit,
        },
      ],
      { title: "Peak of the heap in a step", x: "images in the batch", y: "MB" },
    ),
    caption:
      "784-128-10, the images themselves not counted. What does not depend on the batch is the gradient, 4 bytes for each of " +
      "101,770 weights; each image adds what backward needs of it.",
  };
}

/** The straight line of least squares. */
export function straight(memory: readonly BatchMemory[]): { slope: number; intercept: number } {
  const mean = (of: (m: BatchMemory) => number) => memory.reduce((sum, m) => sum + of(m), 0) / memory.length;
  const [x, y] = [mean((m) => m.batchSize), mean((m) => m.peakBytes)];
  const slope = mean((m) => (m.batchSize - x) * (m.peakBytes - y)) / mean((m) => (m.batchSize - x) ** 2);
  return { slope, intercept: y - slope * x };
}

function proofSection({ proof, parities }: MlpResults): Section {
  return {
    title: "Proof of learning",
    table: {
      head: ["probe", "value"],
      rows: [
        ...proofRows(proof),
        ...parities.map(({ maxAbs, equalPredictions }, i) => [
          `ONNX Runtime, ${i === 0 ? "784-128-10" : "784-512-512-10"}`,
          `${equalPredictions?.equal} of ${equalPredictions?.total} predictions equal, logits within ${maxAbs.toExponential(1)}`,
        ]),
      ],
    },
  };
}
