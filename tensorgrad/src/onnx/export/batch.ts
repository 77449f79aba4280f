import { ShapeError, show } from "../../00-runtime/index.ts";
import { type ArrayValue, dataTypes, type OnnxDType, typedArray } from "../format/data-types.ts";
import type { Graph, NamedNode, Value } from "./graph.ts";

/** The name of the batch dimension in inputs and outputs. */
export const batchName = "N";

/** The batch sizes of the two calls whose graphs are united. 1 is avoided: broadcasting treats it specially. */
export const probes = [2, 3] as const;

/**
 * Unites the graphs of one function at two batch sizes into one for any batch. The nodes must agree. Whole numbers
 * that differ in proportion (target shapes, counts) are computed from the input's shape at run time.
 *
 * Throws    ShapeError that says what depends on the batch size in a way that a graph cannot express
 */
export function uniteBatches(small: Graph, large: Graph): Graph {
  requireSameNodes(small, large);
  const united = new Uniter(small);
  for (const [name, value] of [...small.initializers]) {
    const other = large.initializers.get(name) as ArrayValue;
    if (!sameArray(value, other)) united.replace(name, value, other);
  }
  const unite = (values: Value[], others: Value[]) =>
    values.map((value, i) => withDynamicDims(value, others[i]));
  return {
    ...small,
    nodes: united.nodes,
    inputs: unite(small.inputs, large.inputs),
    outputs: unite(small.outputs, large.outputs),
  };
}

/**
 * Requires two graphs of one function, called with other numbers of the same shapes, to agree in every constant. A
 * constant that differs was computed from the input outside the graph. The file would hold the value of the example.
 */
export function requireSameValues(graph: Graph, other: Graph): void {
  const rule =
    "an exported model computes all of it; use tensor operations in place of detach(), item() or data";
  const index = graph.nodes.findIndex((node, i) => JSON.stringify(node) !== JSON.stringify(other.nodes[i]));
  if (index >= 0 || graph.nodes.length !== other.nodes.length) {
    const node = graph.nodes[index] ?? other.nodes[graph.nodes.length];
    throw new TypeError(
      `exportOnnx: whether and how ${node.name} runs depends on the numbers in the input — ${rule}`,
    );
  }
  for (const [name, value] of graph.initializers) {
    if (sameArray(value, other.initializers.get(name) as ArrayValue)) continue;
    const user = graph.nodes.find(({ inputs }) => inputs.includes(name));
    throw new TypeError(
      `exportOnnx: ${name} ${show(value.shape)}, used by ${user?.name}, was computed from the input outside the graph — ${rule}`,
    );
  }
}

function requireSameNodes(small: Graph, large: Graph): void {
  const [count, other] = [small.nodes.length, large.nodes.length];
  if (count !== other) {
    throw batchError(
      `${count} nodes at batch ${probes[0]}, ${other} at batch ${probes[1]}`,
      "equal steps for every batch",
    );
  }
  const index = small.nodes.findIndex((node, i) => JSON.stringify(node) !== JSON.stringify(large.nodes[i]));
  if (index < 0) return;
  const [a, b] = [small.nodes[index], large.nodes[index]];
  const say = (node: NamedNode) =>
    `${node.name}(${node.inputs.join(", ")}) ${JSON.stringify(node.attributes)}`;
  throw batchError(`${say(a)} becomes ${say(b)}`, "equal steps for every batch");
}

function sameArray(a: ArrayValue, b: ArrayValue): boolean {
  if (show(a.shape) !== show(b.shape)) return false;
  const sameMemory = a.data.buffer === b.data.buffer && a.data.byteOffset === b.data.byteOffset;
  return sameMemory || a.data.every((value, i) => Object.is(value, b.data[i]));
}

const withDynamicDims = ({ name, dtype, shape }: Value, other: Value): Value => ({
  name,
  dtype,
  shape: shape.map((n, dim) => {
    if (n === other.shape[dim]) return n;
    return n === probes[0] && other.shape[dim] === probes[1] ? batchName : `${name}_${dim}`;
  }),
});

/** Replaces constants that depend on the batch, and collects the nodes that compute them. */
class Uniter {
  readonly #graph: Graph;
  /** Nodes that depend on the input's shape alone; they go first. */
  readonly #computed: NamedNode[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  get nodes(): NamedNode[] {
    return [...this.#computed, ...this.#graph.nodes];
  }

  replace(name: string, value: ArrayValue, other: ArrayValue): void {
    const factors = proportions(value, other);
    if (!factors) {
      const user = this.#graph.nodes.find(({ inputs }) => inputs.includes(name));
      throw batchError(
        `${name}, used by ${user?.name}, is ${say(value)} at batch ${probes[0]} and ${say(other)} at batch ${probes[1]}`,
        "constants may depend on the batch only as sizes in proportion to it",
      );
    }
    if (value.dtype !== "int64") {
      this.#graph.initializers.delete(name);
      this.#scalar(name, value.dtype, factors[0]);
      return;
    }
    const dynamic = factors.filter((factor) => factor > 0).length;
    if (dynamic === 1 && this.#isReshapeTarget(name) && !value.data.includes(0n as never)) {
      const target = [...value.data].map((n, i) => (factors[i] > 0 ? -1 : Number(n)));
      this.#graph.initializers.set(name, {
        ...value,
        data: typedArray("int64", target),
      });
    } else {
      this.#graph.initializers.delete(name);
      this.#concat(name, value, factors);
    }
  }

  #isReshapeTarget(name: string): boolean {
    return this.#graph.nodes.some(({ op, inputs }) => op === "Reshape" && inputs[1] === name);
  }

  /** A count among the numbers: what a mean over the batch divides by. */
  #scalar(name: string, dtype: OnnxDType, factor: number): void {
    const count = { op: "Squeeze", inputs: [this.#multiple(factor)], attributes: {} };
    this.#computed.push({ name: `${name}.int64`, output: `${name}.int64`, ...count });
    const cast = { op: "Cast", inputs: [`${name}.int64`], attributes: { to: dataTypes[dtype] } };
    this.#computed.push({ name, output: name, ...cast });
  }

  /** name = [2, batch·k, 5], from pieces of one number each. */
  #concat(name: string, { data }: ArrayValue, factors: readonly number[]): void {
    const pieces = factors.map((factor, i) =>
      factor > 0 ? this.#multiple(factor) : this.#int64(Number(data[i])),
    );
    this.#computed.push({
      name,
      op: "Concat",
      inputs: pieces,
      output: name,
      attributes: { axis: 0 },
    });
  }

  /** The name of a value [batch·factor], computed once. */
  #multiple(factor: number): string {
    const name = factor === 1 ? batchName : `${batchName}*${factor}`;
    if (this.#computed.some(({ output }) => output === name)) return name;
    const node =
      factor === 1
        ? {
            op: "Shape",
            inputs: [this.#graph.inputs[0].name],
            attributes: { start: 0, end: 1 },
          }
        : {
            op: "Mul",
            inputs: [this.#multiple(1), this.#int64(factor)],
            attributes: {},
          };
    this.#computed.push({ name, output: name, ...node });
    return name;
  }

  #int64(value: number): string {
    const name = `int64[${value}]`;
    this.#graph.initializers.set(name, {
      dtype: "int64",
      shape: [1],
      data: typedArray("int64", [value]),
    });
    return name;
  }
}

/** Per element: 0 if both agree, else the factor k with k·2 and k·3; null if the arrays differ in another way. */
function proportions(value: ArrayValue, other: ArrayValue): number[] | null {
  const isList = value.dtype === "int64" && value.shape.length === 1;
  const isCount = value.shape.length === 0;
  if (!(isList || isCount) || value.data.length !== other.data.length) return null;
  const factors = [...value.data].map((n, i) => {
    const [a, b] = [Number(n), Number(other.data[i])];
    if (a === b) return 0;
    const factor = a / probes[0];
    return Number.isInteger(factor) && factor > 0 && b === factor * probes[1] ? factor : Number.NaN;
  });
  return factors.some(Number.isNaN) ? null : factors;
}

const say = ({ dtype, shape, data }: ArrayValue): string =>
  data.length <= 8 ? `[${data.join(", ")}]` : `${dtype} ${show(shape)}`;

const batchError = (found: string, rule: string): ShapeError =>
  new ShapeError(
    `exportOnnx: with { dynamicBatch: true } ${found} — ${rule}; ` +
      `export for the batch of the example inputs with { dynamicBatch: false }`,
  );
