import { mkdirSync } from "node:fs";
import { type ParityReport, parity } from "gradverify";
import { scope } from "tensorgrad";
import type { EvaluationWindows, ImageDataset } from "tensorgrad/data";
import type { GPT, Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { writeDurably } from "tensorgrad/runtime/node";
import { compareModel, writeOnnx } from "../cnn-models.ts";
import { meanSurprise } from "../gpt-score.ts";
import { accuracyOf } from "./cnn.ts";
import { pass, type Speed, type SpeedOptions, speedOf, writing } from "./speed.ts";
import { bytesOf } from "./storage.ts";

/** A model before and after, and the files of both. */
export interface Pair<M> {
  readonly whole: M;
  readonly small: M;
  readonly files: Readonly<Record<"before" | "after", string>>;
  /** What was done to it. */
  readonly levers: readonly string[];
}

/** What the milestone asks of the CNN. */
export interface CnnOutcome {
  /** The smaller of those for one image and for a batch. */
  readonly speedup: number;
  readonly accuracyBefore: number;
  readonly accuracyAfter: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly levers: readonly string[];
}

/** What it asks of the GPT: nats a character on all of the validation text, and the time to write. */
export interface GptOutcome {
  readonly speedup: number;
  readonly natsBefore: number;
  readonly natsAfter: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly levers: readonly string[];
}

export interface Measured<Outcome> {
  readonly outcome: Outcome;
  readonly speeds: readonly Speed[];
  readonly parity: ParityReport;
  /** What all of it took. */
  readonly seconds: number;
}

const since = (start: number): number => (performance.now() - start) / 1000;

const bytesOfBoth = ({ before, after }: Pair<unknown>["files"]) => ({
  bytesBefore: bytesOf(before),
  bytesAfter: bytesOf(after),
});

export async function measureCnn(
  { whole, small, files, levers }: Pair<Sequential>,
  test: ImageDataset,
  batch: number,
  options: SpeedOptions = {},
): Promise<Measured<CnnOutcome>> {
  const start = performance.now();
  for (const model of [whole, small]) model.eval();
  const [accuracyBefore, accuracyAfter] = [whole, small].map((model) => accuracyOf(model, test));
  const speeds = [1, batch].map((count) => {
    using _ = scope();
    const { x } = test.batch(Int32Array.from({ length: count }, (_, i) => i));
    const job = count === 1 ? "one image" : `${count} images`;
    return speedOf(job, { before: pass(whole, x), after: pass(small, x) }, options);
  });
  const speedup = Math.min(...speeds.map((speed) => speed.speedup));
  return {
    outcome: { speedup, accuracyBefore, accuracyAfter, ...bytesOfBoth(files), levers },
    speeds,
    parity: await compareModel(small, test),
    seconds: since(start),
  };
}

export async function measureGpt(
  { whole, small, files, levers }: Pair<GPT>,
  windows: EvaluationWindows,
  length: number,
  options: SpeedOptions = {},
): Promise<Measured<GptOutcome>> {
  const start = performance.now();
  for (const model of [whole, small]) model.eval();
  const [natsBefore, natsAfter] = [whole, small].map((model) => meanSurprise(model, windows));
  const { x } = windows.batch([0, 1, 2, 3]);
  const speeds = [
    speedOf(
      `write ${length} characters`,
      { before: writing(whole, length), after: writing(small, length) },
      options,
    ),
    speedOf(`read 4 windows of ${x.shape[1]}`, { before: pass(whole, x), after: pass(small, x) }, options),
  ];
  const { speedup } = speeds[0];
  return {
    outcome: { speedup, natsBefore, natsAfter, ...bytesOfBoth(files), levers },
    speeds,
    parity: await gptParity(small, windows),
    seconds: since(start),
  };
}

/** How far rounding moves a score where an input lies between two integers: engines add in different orders. */
export const SCORE_TOLERANCE = 0.2;

/** The integers in ONNX Runtime: of windows, the most probable next character of every position. */
async function gptParity(model: GPT, windows: EvaluationWindows): Promise<ParityReport> {
  using _ = scope();
  const { x } = windows.batch([0, 1, 2, 3, 4, 5, 6, 7]);
  const scores = { forward: (ids: typeof x) => model.forward(ids).flatten(0, 1) }; // [B·T, vocabSize]
  return parity(scores, x, { tolerance: SCORE_TOLERANCE, nodes: false, float64Rows: 1, batchSizes: [] });
}

/** Writes both compressed models for ONNX Runtime; returns the names of the files. */
export async function exportBoth(
  out: string,
  { cnn, gpt }: { readonly cnn: Sequential; readonly gpt: GPT },
  test: ImageDataset,
  windows: EvaluationWindows,
): Promise<string[]> {
  mkdirSync(out, { recursive: true });
  await writeOnnx(`${out}/cnn.onnx`, cnn, test);
  using _ = scope();
  await writeDurably(`${out}/gpt.onnx`, exportOnnx(gpt, windows.batch([0, 1]).x));
  return [`${out}/cnn.onnx`, `${out}/gpt.onnx`];
}
