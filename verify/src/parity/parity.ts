import type { Tensor } from "tensorgrad";
import { type ArrayValue, decodeModel, exportOnnx, type Model, trace } from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import type { Outcome } from "./agreement.ts";
import { type NodeParity, nodeParity } from "./nodes.ts";
import { ONNX_OPTIONS, type OnnxOptions, OnnxSession } from "./onnx-runtime.ts";
import { copyOf, exportable, listOf, nameOf } from "./replay.ts";
import { type Comparison, chunksOf, compare, rowsOf, threeRuns } from "./run.ts";
import { runtimeVersion } from "./runtime-library.ts";

/** Options of `parity`. */
export interface ParityOptions extends OnnxOptions {
  /** The largest absolute difference between our outputs and ONNX Runtime's. */
  readonly tolerance?: number;
  readonly opset?: number;
  /** Batch sizes to try before all rows are run. */
  readonly batchSizes?: readonly number[];
  /** All rows are run in parts of this many. */
  readonly rowsPerRun?: number;
  /** So many of the first rows are computed in float64, too; all, unless given. It takes plain loops, hence long. */
  readonly float64Rows?: number;
  /** Whether to compare operation by operation too, on a few rows. */
  readonly nodes?: boolean;
}

const OPTIONS = [
  ...(["tolerance", "opset", "batchSizes", "rowsPerRun", "float64Rows", "nodes"] as const),
  ...ONNX_OPTIONS,
] as const;

/** One model in both engines; the measures are of our outputs against ONNX Runtime's, over all rows. */
export interface ParityReport extends Comparison, Outcome {
  readonly tolerance: number;
  /** The same measures at other batch sizes; empty if the model takes one size only. */
  readonly batches: readonly ({ readonly batch: number } & Comparison)[];
  /** Operation by operation, in the order of the graph. */
  readonly nodes: readonly NodeParity[];
  /** The first node whose result differs although its inputs agree. */
  readonly firstDivergence: string | null;
  readonly model: { readonly bytes: number; readonly opset: number; readonly batch: string };
  readonly seconds: { readonly export: number; readonly ours: number; readonly theirs: number };
  readonly versions: { readonly node: string; readonly onnxruntime: string };
}

/** Rows on which operations are compared one by one. */
const nodeRows = 16;

/**
 * Exports a model, runs it here and in ONNX Runtime on the same inputs, and compares. Every operation is computed
 * once more in float64, so that the report says which of both is nearer to the truth.
 *
 * Errors    those of `exportOnnx` and `runOnnx`; a disagreement is none, but a report with `passed: false`
 */
export async function parity(
  model: Model,
  inputs: Tensor | readonly Tensor[],
  options: ParityOptions = {},
): Promise<ParityReport> {
  const {
    tolerance = 1e-5,
    opset = 21,
    optimization = "disabled",
    threads = 1,
    nodes = true,
  } = checked("parity", options, OPTIONS);
  const tensors = listOf(inputs);
  const given = tensors.map(copyOf);
  const started = performance.now();
  const bytes = exportOnnx(model, tensors, { opset, ...exportable(tensors) });
  const exportSeconds = (performance.now() - started) / 1000;
  const batch = decodeModel(bytes).metadataProps.find(({ key }) => key === "batch")?.value ?? "";

  await using session = await OnnxSession.open(bytes, { optimization, threads });
  const isDynamic = batch === "dynamic";
  const { batches, seconds, ...overall } = await compareBatches(model, session, given, isDynamic, options);
  const few = isDynamic ? rowsOf(given, 0, Math.min(nodeRows, given[0].shape[0])) : given;
  const table = nodes
    ? await nodeParity((x) => trace(model, x), few, { tolerance, opset, optimization })
    : [];
  return {
    name: nameOf(model),
    passed: overall.maxAbs <= tolerance && batches.every(({ maxAbs }) => maxAbs <= tolerance),
    tolerance,
    ...overall,
    batches,
    nodes: table,
    firstDivergence: table.find(({ diverges }) => diverges)?.name ?? null,
    model: { bytes: bytes.length, opset, batch },
    seconds: { export: exportSeconds, ...seconds },
    versions: { node: process.version, onnxruntime: await runtimeVersion() },
  };
}

async function compareBatches(
  model: Model,
  session: OnnxSession,
  inputs: readonly ArrayValue[],
  isDynamic: boolean,
  { batchSizes = [1, 7], rowsPerRun = 1000, float64Rows = Number.POSITIVE_INFINITY }: ParityOptions,
) {
  const rows = isDynamic ? inputs[0].shape[0] : 0;
  const wide = Math.min(float64Rows, rows);
  const batches: ({ batch: number } & Comparison)[] = [];
  for (const batch of batchSizes.filter((size) => size < rows)) {
    batches.push({ batch, ...compare(await threeRuns(model, session, [rowsOf(inputs, 0, batch)])) });
  }
  const chunks = (start: number, end: number) => chunksOf(rowsOf(inputs, start, end), rowsPerRun);
  const all = isDynamic
    ? await threeRuns(model, session, chunks(0, wide), wide < rows ? chunks(wide, rows) : [])
    : await threeRuns(model, session, [inputs]);
  return { ...compare(all), batches, seconds: all.seconds };
}
