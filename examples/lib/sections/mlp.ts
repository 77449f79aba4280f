import type { Figure, Section, SummaryRow } from "tensorgrad/plots";
import { confusionMatrix, count, digitGrid, lineChart, percent } from "tensorgrad/plots";
import type { MlpRun, Sample } from "../digit-classifier.ts";
import { runningMean, thinned } from "../smooth.ts";

export function mlpRow({ dataset, test, testAccuracy }: MlpRun, target: number, seconds: number): SummaryRow {
  return {
    job: `MLP 784-128-10 on ${nameOf(dataset)}`,
    result: `${percent(testAccuracy)} of ${count(test.length)} test images`,
    target: `at least ${(100 * target).toFixed(0)} %`,
    seconds,
    passed: testAccuracy >= target,
  };
}

export function mlpSection(run: MlpRun): Section {
  const origin =
    run.dataset === "mnist"
      ? "MNIST: handwritten digits of 28 × 28 pixels."
      : "Synthetic digits, drawn by this program: MNIST was not found in TENSORGRAD_DATA or the cache.";
  return {
    title: "An MLP on digits with the tensor engine",
    text:
      `${origin} The same chain rule, now on whole tensors: 784 inputs, 128 hidden neurons with ReLU, 10 outputs, ` +
      "trained by stochastic gradient descent with momentum on batches of 64. What the tensors take of the heap " +
      `peaked at ${(run.heap.peak / 1e6).toFixed(0)} MB; ${left(run.heap.growth)}.`,
    figures: [lossFigure(run), accuracyFigure(run), confusionFigure(run), samplesFigure(run)],
    table: {
      head: ["epoch", "training loss (nats)", "test loss (nats)", "test accuracy", "training (s)"],
      rows: run.epochs.map(({ epoch, loss, testLoss, testAccuracy, seconds }) => [
        String(epoch),
        loss.toFixed(4),
        testLoss.toFixed(4),
        percent(testAccuracy),
        seconds.toFixed(2),
      ]),
    },
  };
}

function lossFigure({ losses }: MlpRun): Figure {
  const window = Math.max(1, Math.min(50, Math.round(losses.length / 20)));
  const every = losses.map((loss, step) => [step + 1, loss] as const);
  const series = [
    { name: "every step", points: thinned(every, 800), faint: true },
    { name: `mean of ${window}`, points: runningMean(losses, window) },
  ];
  return {
    svg: lineChart(series, { title: "Training loss", x: "step", y: "loss (nats per image)", log: true }),
    caption:
      `A guess among ten digits costs ln 10 = ${Math.LN10.toFixed(2)} nats. The targets are smoothed, so that even ` +
      "a network without doubts and mistakes stays near 0.3. The scale is logarithmic.",
  };
}

function accuracyFigure({ epochs }: MlpRun): Figure {
  const points = epochs.map(({ epoch, testAccuracy }) => [epoch, 100 * testAccuracy] as const);
  return {
    svg: lineChart([{ name: "test", points }], { title: "Test accuracy", x: "epoch", y: "images right (%)" }),
    caption: "After each pass over the training images, on images that were never trained on.",
  };
}

function confusionFigure({ confusion }: MlpRun): Figure {
  return {
    svg: confusionMatrix(confusion, [..."0123456789"]),
    caption:
      "How often each digit (row) was taken for which (column). Mistakes are coloured on a logarithmic scale.",
  };
}

function samplesFigure({ samples, mistakes, confusion }: MlpRun): Figure {
  const wrong =
    confusion.flat().reduce((sum, n) => sum + n, 0) - confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  return {
    svg: [
      grid(samples, `The first ${samples.length} test images`),
      mistakes.length > 0 ? grid(mistakes, titleOf(mistakes.length, wrong)) : "",
    ].join(""),
    caption: "Each image with what the network takes it for; where that is wrong, with what it is.",
  };
}

const titleOf = (shown: number, all: number) =>
  shown === all ? `All ${all} mistakes` : `The first ${shown} of ${count(all)} mistakes`;

const left = (bytes: number) =>
  bytes === 0 ? "every step left the heap as it found it" : `no step left more than ${bytes} bytes behind`;

function grid(samples: readonly Sample[], title: string): string {
  return digitGrid(
    samples.map(({ pixels }) => Float32Array.from(pixels, (byte) => byte / 255)),
    samples.map(({ label }) => label),
    samples.map(({ predicted }) => predicted),
    { title },
  );
}

function nameOf(dataset: MlpRun["dataset"]): string {
  return dataset === "mnist" ? "MNIST" : "synthetic digits";
}
