import { checked, defaultRandom, type Random, ShapeError, scope } from "../../00-runtime/index.ts";
import { expectTensors, fromArray, isTensor, type Tensor } from "../../01-tensor/index.ts";
import { checkOpset } from "../format/opset.ts";
import { encodeModel } from "../format/wire.ts";
import { type GradientOptions, traceGradients } from "../training/trace-gradients.ts";
import { type AnyOptimizer, traceTrainingStep } from "../training/trace-training-step.ts";
import { probes, requireSameValues, uniteBatches } from "./batch.ts";
import { type EmitOptions, emit, type Recorded } from "./emit.ts";
import { type ExternalData, placer } from "./external.ts";
import { exposeAll, type Graph, modelOf } from "./graph.ts";
import { refusingReads } from "./no-reads.ts";
import { inOlderWords } from "./older.ts";
import { expectModel, type Model, trace } from "./trace.ts";

/** Options of `exportOnnx`. */
export interface ExportOptions extends EmitOptions {
  /** Version of ONNX's operator set, 13 to 26 (default 21). What an older one cannot say is refused by name. */
  readonly opset?: number;
  /**
   * Whether the model takes any batch (dim 0 of the inputs), or only that of the example. `auto` tries, and falls
   * back to the example's; the file's metadata then says why.
   */
  readonly dynamicBatch?: boolean | "auto";
  /** Makes every intermediate result an output as well: what finds the first node that diverges. */
  readonly intermediates?: boolean;
  /** Keeps large arrays in a file beside the model: what is over 2 GB has to. `importOnnx` reads both. */
  readonly externalData?: ExternalData;
  /**
   * Adds the loss and the gradients, as `loss` and `grad.<name>`: of all parameters, or for a function of its inputs.
   * The backward pass becomes ordinary nodes that any ONNX engine runs. With an optimizer, the graph is a whole training
   * step: parameters and the optimizer's state are inputs, and as `next.<name>` outputs in place of the gradients.
   * Here layers keep their mode: while a model trains, the masks of dropout are inputs `mask.<path>`.
   */
  readonly gradients?: GradientOptions & { readonly optimizer?: AnyOptimizer };
}

/**
 * Writes a module, or any function of tensors, as an ONNX model: calls it in evaluation mode and translates the
 * operations it used. Parameters and buffers keep their `stateDict` names; inputs are `input` or `input_0`, …;
 * outputs `output` or `output_0`, ….
 *
 * Errors    TypeError for an operation without an ONNX counterpart, or values taken out of the graph
 *           (`item()`, `data`); ShapeError if `dynamicBatch: true` cannot be had, or for a loss that is no single number;
 *           GradientError if the loss does not depend on a parameter
 */
export function exportOnnx(
  model: Model,
  exampleInputs: Tensor | readonly Tensor[],
  options: ExportOptions = {},
): Uint8Array<ArrayBuffer> {
  const {
    opset = 21,
    dynamicBatch = "auto",
    intermediates = false,
    externalData,
    gradients,
    decompose,
  } = checked("exportOnnx", options, [
    ...["decompose", "opset", "dynamicBatch", "intermediates", "externalData", "gradients"],
  ] as (keyof ExportOptions)[]);
  using _step = scope(); // the traced calls leave nothing on the heap
  using _random = putBack(defaultRandom); // a training goes on as if nothing had been exported
  expectModel(model);
  const inputs = listOf(exampleInputs);
  if (!isTensor(exampleInputs)) expectTensors("exportOnnx", exampleInputs, "inputs");
  if (inputs.length === 0) {
    throw new TypeError(
      "exportOnnx: no example inputs — the model is called with them once to see what it computes",
    );
  }
  const targets = listOf(gradients?.targets ?? []);
  const record = (given: readonly Tensor[]): Recorded => refusingReads(() => recordedWith(given));
  const recordedWith = (given: readonly Tensor[]): Recorded => {
    if (!gradients) return trace(model, given);
    const [x, y] = [given.slice(0, inputs.length), given.slice(inputs.length)];
    const { loss, optimizer } = gradients;
    return optimizer
      ? traceTrainingStep(model, x, y, { loss, optimizer })
      : traceGradients(model, x, y, loss);
  };
  const { graph, batch } = graphOf(record, [...inputs, ...targets], {
    dynamicBatch,
    intermediates,
    decompose,
  });
  inOlderWords(graph, opset);
  checkOpset(graph, opset);
  const name = typeof model === "function" ? "function" : model.constructor.name;
  return encodeModel(modelOf(graph, { opset, name, metadata: { batch }, place: placer(externalData) }));
}

const listOf = (tensors: Tensor | readonly Tensor[]): readonly Tensor[] =>
  isTensor(tensors) ? [tensors] : tensors;

function putBack(random: Random): Disposable {
  const { state } = random;
  return {
    [Symbol.dispose]: () => {
      random.state = state;
    },
  };
}

interface GraphOptions extends EmitOptions {
  readonly dynamicBatch: boolean | "auto";
  readonly intermediates: boolean;
}

interface Exported {
  readonly graph: Graph;
  /** For the file's metadata: `dynamic`, or `fixed` and why. */
  readonly batch: string;
}

function graphOf(
  record: (inputs: readonly Tensor[]) => Recorded,
  inputs: readonly Tensor[],
  { dynamicBatch, intermediates, decompose }: GraphOptions,
): Exported {
  const call = (given: readonly Tensor[]) => {
    const graph = emit(record(given), { decompose });
    if (intermediates) exposeAll(graph);
    return graph;
  };
  if (dynamicBatch === false) return { graph: graphForThisBatch(call, inputs), batch: "fixed" };
  try {
    return { graph: graphForAnyBatch(call, inputs), batch: "dynamic" };
  } catch (error) {
    if (dynamicBatch === true) throw error;
    // What is wrong at every batch size shows again below; what remains is about the batch.
    const reason = error instanceof Error ? error.message : String(error);
    return {
      graph: graphForThisBatch(call, inputs),
      batch: `fixed: ${reason}`,
    };
  }
}

type Call = (inputs: readonly Tensor[]) => Graph;

/** Two calls with the same numbers in another order must record the same graph, or it is no function of them. */
function graphForThisBatch(call: Call, inputs: readonly Tensor[]): Graph {
  const graph = call(inputs);
  requireSameValues(graph, call(inputs.map(reversed)));
  return graph;
}

function graphForAnyBatch(call: Call, inputs: readonly Tensor[]): Graph {
  const batch = inputs[0]?.shape[0];
  if (!batch) {
    throw new ShapeError(
      "exportOnnx: with { dynamicBatch: true } the first input has no rows — dim 0 of the inputs is the batch",
    );
  }
  const take = (count: number) => inputs.map((x) => (x.shape[0] === batch ? rows(x, count) : x));
  const small = call(take(probes[0]));
  const large = call(take(probes[1]).map(reversed)); // other numbers too: no constant may come from them
  return uniteBatches(small, large);
}

const reversed = (x: Tensor): Tensor => fromArray(x.data.slice().reverse(), x.shape, { dtype: x.dtype });

/** The last rows of x and the ones before, `count` in all, over again if x has too few. */
function rows(x: Tensor, count: number): Tensor {
  const [length, ...rest] = x.shape;
  const width = x.size / length;
  const taken = Array.from({ length: count }, (_, i) => {
    const row = (((i - count) % length) + length) % length;
    return Array.from(x.data.subarray(row * width, (row + 1) * width));
  });
  return fromArray(taken.flat(), [count, ...rest], { dtype: x.dtype });
}
