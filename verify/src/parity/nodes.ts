import { type Function, scope, type Tensor } from "tensorgrad";
import { operationsBehind } from "tensorgrad/functions";
import {
  type ArrayValue,
  emit,
  encodeModel,
  exposeAll,
  type Graph,
  modelOf,
  type Recorded,
} from "tensorgrad/onnx";
import { largest } from "../gradients/closeness.ts";
import { type Cell, measure, type Table, text } from "../report/cells.ts";
import { type Agreement, agreement } from "./agreement.ts";
import { type OnnxOptions, OnnxSession } from "./onnx-runtime.ts";
import { asTensor, copyOf, exportable } from "./replay.ts";

/** One operation of a model in both engines. */
export interface NodeParity {
  readonly name: string;
  readonly operation: string;
  /** Our result against ONNX Runtime's, each engine fed with its own inputs. */
  readonly accumulated: Agreement;
  /** The same with our inputs in both engines: what this operation alone contributes. */
  readonly local: Agreement;
  /** Its results differ although its inputs agree. */
  readonly diverges: boolean;
}

/** Optimization is off unless the optimized graph itself is in question: fused nodes have no counterpart here. */
type NodeOptions = Required<Omit<OnnxOptions, "threads">> & {
  readonly tolerance: number;
  readonly opset: number;
};

/** Records a call on these inputs: `trace`, or `traceGradients` for a backward pass. */
type Tracer = (inputs: readonly Tensor[]) => Recorded;

/** Compares every operation of a recorded call, in the order of the graph. */
export async function nodeParity(
  tracer: Tracer,
  inputs: readonly ArrayValue[],
  { tolerance, opset, optimization }: NodeOptions,
): Promise<NodeParity[]> {
  const { bytes, steps } = record(tracer, inputs, opset);
  const whole = await fetchOnce(bytes, inputs, optimization);
  const agrees = new Set<string>();
  const table: NodeParity[] = [];
  // In the order of the graph: when a node is judged, all that feed it have been.
  for (const { name, value, operation, ours, from, single, feeds } of steps) {
    // Relative to the largest element above 1, as rounding is: a layer of width 1000 sums up to larger numbers.
    const accumulated = agreement(ours, whole[value]);
    const local = agreement(ours, (await fetchOnce(single, feeds, optimization)).output);
    const agree = accumulated.maxAbs <= tolerance * Math.max(1, largest(ours.data as Float64Array));
    if (agree) agrees.add(name);
    table.push({
      name,
      operation,
      accumulated,
      local,
      diverges: !agree && from.every((input) => agrees.has(input)),
    });
  }
  return table;
}

/** Everything about one operation that has to outlive the traced call. */
interface Step {
  readonly name: string;
  /** The name of its result: that of the node, or of the model's output. */
  readonly value: string;
  readonly operation: string;
  readonly ours: ArrayValue;
  /** Names of the operations that made its inputs. */
  readonly from: readonly string[];
  /** A model of this operation alone, and our inputs for it. */
  readonly single: Uint8Array;
  readonly feeds: Readonly<Record<string, ArrayValue>>;
}

/**
 * One recorded call gives both: the whole graph with every intermediate result as an output, and a model of each
 * operation by itself. Tensors end with this function; arrays go on.
 */
function record(
  tracer: Tracer,
  inputs: readonly ArrayValue[],
  opset: number,
): { bytes: Uint8Array; steps: Step[] } {
  using _step = scope();
  const tensors = inputs.map(asTensor);
  const how = exportable(inputs);
  const recorded = tracer(tensors);
  const graph = emit(recorded, how);
  exposeAll(graph);
  const results = resultsOf(graph);
  const isGiven = (x: Tensor) => recorded.inputs.has(x) || recorded.parameters.has(x);
  const steps = operationsBehind([...recorded.outputs.values()], isGiven).map((fn): Step => {
    const { name, value, tensor } = results.get(fn) as Result;
    const from = fn.prev.flatMap((x) => (x.gradFn && !isGiven(x) ? (results.get(x.gradFn)?.name ?? []) : []));
    return {
      name,
      value,
      operation: fn.name,
      ours: copyOf(tensor),
      from,
      ...alone(fn, tensor, recorded, opset),
    };
  });
  return { bytes: encodeModel(modelOf(graph, { opset, name: "nodes", metadata: {} })), steps };
}

type Result = Pick<Step, "name" | "value"> & { readonly tensor: Tensor };

/** The last node of every operation; those nested in it have no tensor of ours to compare with. */
function resultsOf({ nodes, tensors }: Graph): Map<Function, Result> {
  const results = new Map<Function, Result>();
  for (const { name, output } of nodes) {
    const tensor = tensors.get(output);
    if (tensor?.gradFn && !results.has(tensor.gradFn))
      results.set(tensor.gradFn, { name, value: output, tensor });
  }
  return results;
}

/** The model of a single operation: what was computed before it becomes an input. */
function alone(fn: Function, result: Tensor, { inputs, parameters }: Recorded, opset: number) {
  const computed = [...new Set(fn.prev)].filter((x) => inputs.has(x) || (x.gradFn && !parameters.has(x)));
  const names = new Map(computed.map((x, i) => [x, `input_${i}`]));
  const outputs = new Map([["output", result]]);
  const graph = emit({ inputs: names, parameters, outputs, paths: new Map() }, exportable([result]));
  const single = encodeModel(modelOf(graph, { opset, name: fn.name, metadata: {} }));
  return { single, feeds: Object.fromEntries(computed.map((x, i) => [`input_${i}`, copyOf(x)])) };
}

/** A session per model: single operations are tiny, and each is run once. */
async function fetchOnce(
  bytes: Uint8Array,
  inputs: readonly ArrayValue[] | Readonly<Record<string, ArrayValue>>,
  optimization: NodeOptions["optimization"],
): Promise<Record<string, ArrayValue>> {
  await using session = await OnnxSession.open(bytes, { optimization });
  return await session.fetch(inputs);
}

/** What is above colours both errors, as for whole models. */
const LIMIT = 1e-5;

const nodeColumns: Readonly<Record<string, (node: NodeParity) => Cell>> = {
  node: (n) => text(n.name),
  operation: (n) => text(n.operation),
  "local max abs": (n) => measure(n.local.maxAbs, LIMIT),
  "local max ULP": (n) => measure(n.local.maxUlp),
  "accumulated max abs": (n) => measure(n.accumulated.maxAbs, LIMIT),
  "accumulated max ULP": (n) => measure(n.accumulated.maxUlp),
  diverges: (n) => text(n.diverges ? "yes" : ""),
};

/**
 * One model, opened up. A node with a small local and a large accumulated error inherits it; the first one with a
 * large local error is where to look.
 */
export const nodesOf = (name: string, nodes: readonly NodeParity[]): Table => ({
  title: `${name}, node by node`,
  about:
    "Local: both engines fed with our inputs, so the error of this node alone. Accumulated: each with its own.",
  columns: Object.keys(nodeColumns),
  rows: nodes.map((node) => Object.values(nodeColumns).map((cell) => cell(node))),
});
