import { extentOf, Printed, ShapeError, show } from "../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { crossEntropy } from "../04-losses/index.ts";
import type { Batch } from "./batches.ts";

/** A number that says how good an output is, averaged over the examples of a batch. */
export interface Metric {
  (output: Tensor, target: Tensor): number;
  /** What the mean over all examples becomes in the end; nothing else unless given. */
  readonly finish?: (mean: number) => number;
}

/** Every metric of one batch, by name. */
export const measure = (
  metrics: Readonly<Record<string, Metric>>,
  output: Tensor,
  { y }: Batch,
): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric(output, y)]));

/**
 * Between how many equally likely classes the model hesitates: e to the mean cross-entropy, in nats, of a whole pass.
 *
 *   perplexity = exp(−mean ln softmax(output)[target])
 *
 * Shapes  output [B, …, C], target [B, …] class indices → a number from 1
 */
export const perplexity: Metric = Object.assign(meanCrossEntropy, { finish: Math.exp });

function meanCrossEntropy(output: Tensor, target: Tensor): number {
  expectTensor("perplexity", output, "output");
  expectTensor("perplexity", target, "target");
  const fits =
    output.rank === target.rank + 1 && target.shape.every((size, dim) => size === output.shape[dim]);
  if (!fits) {
    throw new ShapeError(
      `perplexity: output ${show(output.shape)}, target ${show(target.shape)} — expected [B, …, C] and [B, …] class indices`,
    );
  }
  return crossEntropy(output.reshape(-1, output.shape.at(-1) as number), target.reshape(-1)).item();
}

/**
 * The share of examples whose largest output is at their class; of equal outputs the first counts.
 *
 * Shapes  output [B, C], target [B] class indices → a number from 0 to 1
 */
export function accuracy(output: Tensor, target: Tensor): number {
  checkClasses("accuracy", output, target);
  const [predicted, actual] = [predictions(output), target.data];
  let right = 0;
  for (let i = 0; i < predicted.length; i++) if (predicted[i] === actual[i]) right++;
  return right / predicted.length;
}

/**
 * The class of the largest output, example by example.
 *
 * Shapes  output [B, C] → B class indices
 */
export function predictions(output: Tensor): Int32Array {
  expectTensor("predictions", output, "output");
  if (output.rank !== 2 || output.shape[1] === 0) {
    throw new ShapeError(`predictions: output ${show(output.shape)} — expected [B, C], one number per class`);
  }
  const [rows, classes] = output.shape;
  const { data } = output;
  const best = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    let top = start;
    for (let at = start + 1; at < start + classes; at++) if (data[at] > data[top]) top = at;
    best[row] = top - start;
  }
  return best;
}

/**
 * Counts how often class i (row) was taken for class j (column).
 *
 *   const confusion = new ConfusionMatrix(10);
 *   await trainer.evaluate(test, { onBatch: (output, { y }) => confusion.add(output, y) });
 */
export class ConfusionMatrix extends Printed {
  readonly classes: number;
  /** `counts[actual][predicted]`. */
  readonly counts: number[][];

  constructor(classes: number) {
    super();
    if (!Number.isInteger(classes) || classes < 1) {
      throw new RangeError(`ConfusionMatrix: ${classes} classes — expected an integer ≥ 1`);
    }
    this.classes = classes;
    this.counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Counts a batch: output [B, classes], target [B]. */
  add(output: Tensor, target: Tensor): void {
    checkClasses("ConfusionMatrix.add", output, target);
    if (output.shape[1] !== this.classes) {
      throw new ShapeError(
        `ConfusionMatrix.add: output ${show(output.shape)} — expected [B, ${this.classes}], one number per class`,
      );
    }
    const actual = target.data;
    const wrong = actual.findIndex(
      (label) => !(Number.isInteger(label) && label >= 0 && label < this.classes),
    );
    if (wrong >= 0) {
      throw new RangeError(
        `ConfusionMatrix.add: target ${actual[wrong]} at row ${wrong} — expected a class index below ${this.classes}`,
      );
    }
    predictions(output).forEach((predicted, i) => {
      this.counts[actual[i]][predicted]++;
    });
  }

  /** The share of examples on the diagonal; NaN before the first one. */
  get accuracy(): number {
    const right = this.counts.reduce((sum, row, i) => sum + row[i], 0);
    return right / this.counts.flat().reduce((sum, n) => sum + n, 0);
  }

  /** Of the examples of each class, the share that was recognised; NaN for a class without examples. */
  get recall(): number[] {
    return this.counts.map((row, i) => row[i] / row.reduce((sum, n) => sum + n, 0));
  }

  /** Of the examples taken for each class, the share that belongs there; NaN for a class never predicted. */
  get precision(): number[] {
    return this.counts.map((row, i) => row[i] / this.counts.reduce((sum, other) => sum + other[i], 0));
  }

  /** The harmonic mean of precision and recall of each class; NaN for a class neither present nor predicted. */
  get f1(): number[] {
    return this.counts.map((row, i) => {
      const [actual, predicted] = [row, this.counts.map((other) => other[i])].map((n) =>
        n.reduce((a, b) => a + b),
      );
      return (2 * row[i]) / (actual + predicted);
    });
  }

  /** The mean of all classes' f1, whatever their size; classes neither present nor predicted do not count. */
  get macroF1(): number {
    const defined = this.f1.filter((value) => !Number.isNaN(value));
    return defined.reduce((sum, value) => sum + value, 0) / defined.length;
  }

  /** A table: rows are what it is, columns what it was taken for. */
  override toString(): string {
    const width = Math.max(3, String(extentOf(this.counts.flat())[1]).length) + 1;
    const line = (head: string, cells: readonly (number | string)[]): string =>
      head.padStart(4) + cells.map((cell) => String(cell).padStart(width)).join("");
    const header = line(
      "",
      Array.from({ length: this.classes }, (_, i) => i),
    );
    return [header, ...this.counts.map((row, i) => line(String(i), row))].join("\n");
  }
}

function checkClasses(call: string, output: Tensor, target: Tensor): void {
  expectTensor(call, output, "output");
  expectTensor(call, target, "target");
  if (output.rank === 2 && target.rank === 1 && output.shape[0] === target.shape[0]) return;
  throw new ShapeError(
    `${call}: output ${show(output.shape)}, target ${show(target.shape)} — expected [B, C] and [B] class indices`,
  );
}
