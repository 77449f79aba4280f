import type { ArrayValue, Model } from "tensorgrad/onnx";
import { type Agreement, agreement, concatenated, equalPredictions, largestOf } from "./agreement.ts";
import type { OnnxSession } from "./onnx-runtime.ts";
import { type OurRun, runOnce, runTwice } from "./replay.ts";

/** One array per input of the model. */
type Inputs = readonly ArrayValue[];

/** The outputs of one model, in order, as three computations give them. */
export interface ThreeRuns {
  readonly ours: readonly ArrayValue[];
  readonly theirs: readonly ArrayValue[];
  /** Ours once more, in float64: of all rows, or of the first ones. */
  readonly truth: readonly ArrayValue[];
  readonly seconds: { readonly ours: number; readonly theirs: number };
}

/**
 * Runs our engine and ONNX Runtime on the same chunks of rows; the results of all chunks are put together. Chunks of `others` follow,
 * without float64.
 */
export async function threeRuns(
  model: Model,
  session: OnnxSession,
  chunks: readonly Inputs[],
  others: readonly Inputs[] = [],
): Promise<ThreeRuns> {
  const parts: Record<"ours" | "theirs" | "truth", ArrayValue[][]> = { ours: [], theirs: [], truth: [] };
  const seconds = { ours: 0, theirs: 0 };
  for (const [i, chunk] of [...chunks, ...others].entries()) {
    // Ours in float32 and in float64 come from one trace: the same operations, in the same order.
    const run: OurRun =
      i < chunks.length ? runTwice(model, chunk) : runOnce(model, chunk, session.outputNames);
    const started = performance.now();
    const theirs = await session.fetch(chunk);
    seconds.theirs += (performance.now() - started) / 1000;
    seconds.ours += run.seconds;
    parts.ours.push(Object.values(run.outputs));
    if (run.truth) parts.truth.push(Object.values(run.truth));
    parts.theirs.push(Object.keys(run.outputs).map((name) => theirs[name]));
  }
  const joined = (list: ArrayValue[][]) =>
    list[0].map((_, i) => concatenated(list.map((outputs) => outputs[i])));
  return { ours: joined(parts.ours), theirs: joined(parts.theirs), truth: joined(parts.truth), seconds };
}

/** Ours against theirs, and both against the truth. */
export interface Comparison extends Agreement {
  /** Our error against the truth; null if the model computes in float64 itself. */
  readonly ours: Agreement | null;
  readonly theirs: Agreement | null;
  /** Whose largest error is smaller. */
  readonly nearer: "ours" | "theirs" | "equal";
  /** Rows of the two-dimensional outputs whose largest element is at the same place. */
  readonly equalPredictions: { readonly equal: number; readonly total: number } | null;
}

/** A model in float64 is its own truth: there the two errors are null, and neither is nearer. */
export function compare({ ours, theirs, truth }: ThreeRuns): Comparison {
  const isWide = ours.every(({ dtype }) => dtype === "float64");
  const [ourError, theirError] = [ours, theirs].map((values) =>
    isWide ? null : against(firstOf(values, truth), truth),
  );
  const difference = (ourError?.maxAbs ?? 0) - (theirError?.maxAbs ?? 0);
  const rows = ours.flatMap((value, i) => equalPredictions(value, theirs[i]) ?? []);
  return {
    ...against(ours, theirs),
    ours: ourError,
    theirs: theirError,
    nearer: difference < 0 ? "ours" : difference > 0 ? "theirs" : "equal",
    equalPredictions: rows.length
      ? { equal: sum(rows.map(({ equal }) => equal)), total: sum(rows.map(({ total }) => total)) }
      : null,
  };
}

/** The rows of which there is a truth. */
const firstOf = (values: readonly ArrayValue[], truth: readonly ArrayValue[]): ArrayValue[] =>
  values.map(({ dtype, data }, i) => ({
    dtype,
    shape: truth[i].shape,
    data: data.slice(0, truth[i].data.length),
  }));

/** Several outputs count as one: the largest of every measure. */
function against(values: readonly ArrayValue[], others: readonly ArrayValue[]): Agreement {
  const each = values.map((value, i) => agreement(value, others[i]));
  const largest = largestOf(["maxAbs", "maxRel", "maxUlp", "medianUlp"], each);
  const worst = each.find(({ maxAbs }) => maxAbs === largest.maxAbs)?.worst ?? null;
  return { size: sum(each.map(({ size }) => size)), ...largest, worst };
}

/** Of counts. */
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** The rows from `start` to before `end` of every input that has as many as the first one. */
export function rowsOf(inputs: Inputs, start: number, end: number): ArrayValue[] {
  const batch = inputs[0].shape[0];
  return inputs.map((x) => {
    const [length, ...rest] = x.shape;
    if (length !== batch) return x;
    const width = x.data.length / Math.max(1, length);
    return { ...x, shape: [end - start, ...rest], data: x.data.slice(start * width, end * width) };
  });
}

/** All rows in runs of at most `size`. */
export function chunksOf(inputs: Inputs, size: number): ArrayValue[][] {
  const batch = inputs[0].shape[0];
  return Array.from({ length: Math.max(1, Math.ceil(batch / size)) }, (_, i) =>
    rowsOf(inputs, i * size, Math.min(batch, (i + 1) * size)),
  );
}
