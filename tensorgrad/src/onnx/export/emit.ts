import { checked, expectArgument, show } from "../../00-runtime/index.ts";
import {
  type Function,
  type OnnxConstant,
  type OnnxNode,
  type OnnxOperand,
  operationsBehind,
  type Tensor,
} from "../../01-tensor/index.ts";
import { typedArray } from "../format/data-types.ts";
import { type Decomposition, decompositions, type Rewrite } from "./decompose.ts";
import type { Graph, NamedNode } from "./graph.ts";

/** A recorded call, with names for what enters and leaves it. */
export interface Recorded {
  readonly inputs: ReadonlyMap<Tensor, string>;
  /** Parameters and buffers, by their names in the module's `stateDict`. */
  readonly parameters: ReadonlyMap<Tensor, string>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Path of the module that used an operation, where known: `layers.0`; or the part of a training step. */
  readonly paths: ReadonlyMap<Function, string>;
}

/** Options of `emit`. */
export interface EmitOptions {
  /** Says operators in others where an engine lacks them: `float64` is for those without a float64 kernel. */
  readonly decompose?: Decomposition | undefined;
}

/**
 * Translates a recorded call into ONNX: one or more nodes per operation, each after its inputs; parameters,
 * buffers and other leaves become initializers.
 *
 * Throws    TypeError for an operation without an ONNX counterpart, for an output that depends on no input, and for
 *           two values of one name
 */
export function emit(recorded: Recorded, options: EmitOptions = {}): Graph {
  const { decompose } = checked("emit", options, ["decompose"]);
  const fits = [recorded?.inputs, recorded?.outputs, recorded?.parameters].every(
    (part) => part instanceof Map,
  );
  expectArgument(fits, "emit", "recorded", recorded, "what trace(…) recorded");
  requireDistinctNames(recorded);
  const emitter = new Emitter(recorded, decompose ? decompositions[decompose] : () => null);
  const order = operationsBehind(
    [...recorded.outputs.values()],
    (x) => recorded.inputs.has(x) || recorded.parameters.has(x),
  );
  for (const fn of order) emitter.operation(fn);
  for (const [name, tensor] of recorded.outputs) emitter.output(name, tensor);
  requireUse(emitter.graph);
  return emitter.graph;
}

class Emitter {
  readonly graph: Graph = {
    nodes: [],
    initializers: new Map(),
    constants: new Set(),
    inputs: [],
    outputs: [],
    tensors: new Map(),
  };
  readonly #recorded: Recorded;
  readonly #taken: Set<string>;
  /** Names of leaves, by the tensor itself: views of one storage are different values. */
  readonly #leaves: Map<Tensor, string>;
  /** Names of the parts of the operation at hand: a part that is met twice is computed once. */
  readonly #parts = new Map<OnnxNode, string>();
  /** Its operators by their lists of inputs: another result of one is no other node. */
  readonly #operators = new Map<OnnxNode["inputs"], NamedNode>();
  /** Names of results, by the operation; those of the graph's outputs are known before it is emitted. */
  readonly #results = new Map<Function, string>();

  readonly #rewrite: Rewrite;

  constructor(recorded: Recorded, rewrite: Rewrite) {
    [this.#recorded, this.#rewrite] = [recorded, rewrite];
    this.#leaves = new Map(recorded.inputs);
    this.#taken = new Set([
      ...recorded.inputs.values(),
      ...recorded.parameters.values(),
      ...recorded.outputs.keys(),
    ]);
    for (const [tensor, name] of recorded.inputs) {
      this.graph.inputs.push({
        name,
        dtype: tensor.dtype,
        shape: tensor.shape,
      });
      this.graph.tensors.set(name, tensor);
    }
    for (const [name, { gradFn }] of recorded.outputs) {
      if (gradFn && !this.#results.has(gradFn)) this.#results.set(gradFn, name);
    }
  }

  operation(fn: Function): void {
    const path = this.#recorded.paths.get(fn) ?? "";
    const tree = fn.onnx();
    if (!tree) throw new TypeError(noCounterpart(fn, path));
    this.#parts.clear();
    this.#operators.clear();
    this.#results.set(fn, this.#node(tree, fn, path, this.#results.get(fn)));
  }

  /** An output is the result of its own node; one that is an input, a leaf or another output needs a copy. */
  output(name: string, tensor: Tensor): void {
    const source = this.#nameOf(tensor);
    if (source !== name) {
      this.graph.nodes.push({
        name: this.#unique("Identity"),
        op: "Identity",
        inputs: [source],
        output: name,
        attributes: {},
      });
    }
    this.graph.tensors.set(name, tensor);
    this.graph.outputs.push({ name, dtype: tensor.dtype, shape: tensor.shape });
  }

  /** Emits one node of an operation's tree, the nested ones first; returns the name of its result. */
  #node(tree: OnnxNode, fn: Function, path: string, result?: string): string {
    const known = this.#parts.get(tree);
    if (known !== undefined) return known;
    const rewritten = this.#rewrite(tree);
    const name = rewritten
      ? this.#node(rewritten, fn, path, result)
      : this.#plainNode(tree, fn, path, result);
    this.#parts.set(tree, name);
    return name;
  }

  #plainNode(tree: OnnxNode, fn: Function, path: string, result: string | undefined): string {
    const same = tree.inputs && this.#operators.get(tree.inputs);
    if (same && same.attributes === tree.attributes) return this.#otherResult(same, tree.output ?? 0, result);
    const operands: readonly OnnxOperand[] = tree.inputs ?? fn.prev.map((_, i) => i);
    const nested = operands.map((operand) => (isNode(operand) ? this.#node(operand, fn, path) : ""));
    const name = this.#unique(path ? `${path}/${tree.op}` : tree.op);
    const inputs = operands.map((operand, i) => {
      if (operand === null || isNode(operand)) return nested[i];
      if (typeof operand === "number") return this.#nameOf(fn.prev[operand]);
      return this.#constant(`${name}.${i}`, operand, fn);
    });
    const made: NamedNode = {
      name,
      op: tree.op,
      inputs,
      output: result ?? name,
      position: tree.output ?? 0,
      others: {},
      attributes: tree.attributes,
    };
    this.graph.nodes.push(made);
    this.#operators.set(tree.inputs, made);
    return made.output;
  }

  #otherResult({ name, output, position, others = {} }: NamedNode, wanted: number, result?: string): string {
    if (wanted === position) return output;
    others[wanted] ??= result ?? this.#unique(`${name}.${wanted}`);
    return others[wanted];
  }

  #constant(wanted: string, { dtype, shape, data }: OnnxConstant, fn: Function): string {
    const name = this.#unique(wanted);
    const own = dtype === "float" ? fn.prev[0].dtype : dtype;
    this.graph.constants.add(name);
    this.graph.initializers.set(name, {
      dtype: own,
      shape,
      data: typedArray(own, data),
    });
    return name;
  }

  /** The name of a tensor; a leaf that has none yet becomes an initializer. */
  #nameOf(tensor: Tensor): string {
    const leaf = this.#leaves.get(tensor);
    if (leaf !== undefined) return leaf;
    const parameter = this.#recorded.parameters.get(tensor);
    const result = parameter === undefined && tensor.gradFn ? this.#results.get(tensor.gradFn) : undefined;
    const name = result ?? parameter ?? this.#unique("constant");
    if (result === undefined) {
      this.#leaves.set(tensor, name);
      if (parameter === undefined && !tensor.requiresGrad) this.graph.constants.add(name);
      this.graph.initializers.set(name, {
        dtype: tensor.dtype,
        shape: tensor.shape,
        data: tensor.bits,
      });
    }
    this.graph.tensors.set(name, tensor);
    return name;
  }

  #unique(wanted: string): string {
    let name = wanted;
    for (let n = 1; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

const isNode = (operand: OnnxOperand): operand is OnnxNode =>
  operand !== null && typeof operand === "object" && "op" in operand;

/** What an operation outside all modules may belong to. */
const phases: Readonly<Record<string, string>> = {
  loss: "the loss",
  backward: "the backward pass",
  step: "the optimizer's step",
};

function noCounterpart(fn: Function, path: string): string {
  const where = path && ` in ${phases[path] ?? `module "${path}"`}`;
  const shapes = fn.prev.map((x) => show(x.shape)).join(", ");
  return (
    `exportOnnx: operation ${fn.name}${where} on ${shapes} — it has no ONNX counterpart; ` +
    `compose it from operations that have one, or give its class an onnx() method`
  );
}

/** In a graph a name is a value: a parameter called `input` would be taken for the input. */
function requireDistinctNames({ inputs, parameters, outputs }: Recorded): void {
  const owners = new Map<string, Tensor>();
  const named = [...inputs, ...parameters, ...[...outputs].map(([name, x]) => [x, name] as const)];
  for (const [x, name] of named) {
    const owner = owners.get(name);
    if (owner !== undefined && owner !== x) {
      throw new TypeError(
        `exportOnnx: two values are called "${name}", ${show(owner.shape)} and ${show(x.shape)} — ` +
          "inputs, parameters and outputs of a graph share one space of names; rename the module or the parameter",
      );
    }
    owners.set(name, x);
  }
}

function requireUse({ nodes, inputs }: Graph): void {
  const used = new Set(nodes.flatMap((node) => node.inputs));
  if (inputs.length === 0 || inputs.some(({ name }) => used.has(name))) return;
  const names = inputs.map(({ name, shape }) => `${name} ${show(shape as number[])}`).join(", ");
  throw new TypeError(
    `exportOnnx: inputs ${names} — no output depends on them; was an input detached, or computed with outside the module?`,
  );
}
