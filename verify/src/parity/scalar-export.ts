import { topologicalSort, Value } from "micrograd";
import { encodeModel, type Graph, modelOf } from "tensorgrad/onnx";
import { ScalarNodes } from "./scalar-nodes.ts";
import { ruleOf, write } from "./scalar-rules.ts";

export interface ScalarExportOptions {
  /** Leaves that the model takes as inputs, by name; every other leaf becomes a constant. */
  readonly inputs: Readonly<Record<string, Value>>;
  /**
   * A whole step of gradient descent: the outputs are `value` and, for each input, `next.<name>` = p − lr·gradient
   * in place of `grad.<name>`.
   */
  readonly lr?: number;
  /** Makes all values and gradients outputs, for who looks for the first that differs. */
  readonly intermediates?: boolean;
}

/**
 * Writes a graph of micrograd's scalars as an ONNX model in float64: the value, and the gradient of each input.
 * The backward pass is written as ordinary nodes: whoever runs the model needs no autodiff.
 *
 * Errors    TypeError for no inputs, an input that is no leaf, has two names or has no part in the result, an operation
 *           that is not micrograd's, a graph with a cycle, a constant that is NaN; RangeError for a learning rate that
 *           is no finite number
 * ONNX      Add Mul Pow Relu Tanh Exp Log, and Neg Div for sigmoid; in the backward pass Sub Where and comparisons as well
 */
export function exportScalars(root: Value, options: ScalarExportOptions): Uint8Array<ArrayBuffer> {
  return encodeScalars(scalarGraph(root, options).graph);
}

export const encodeScalars = (graph: Graph): Uint8Array<ArrayBuffer> =>
  encodeModel(modelOf(graph, { opset: 21, name: "micrograd", metadata: {} }));

/** A graph as ONNX, and what its values are called. */
export interface ScalarModel {
  readonly graph: Graph;
  /** Every node, inputs before what is computed from them. */
  readonly order: readonly Value[];
  /** By the place of a node in `order`: the names of its value and of its gradient. */
  readonly values: readonly string[];
  readonly gradients: readonly string[];
}

export function scalarGraph(
  root: Value,
  { inputs, lr, intermediates = false }: ScalarExportOptions,
): ScalarModel {
  const order = topologicalSort(root);
  const named = namesOf(inputs, new Set(order));
  requireNoCycle(order);
  requireRate(lr);
  const kind = lr === undefined ? "grad" : "next";
  const outputs = new Map([...named].map(([leaf, name]) => [leaf, `${kind}.${name}`]));
  const to = new ScalarNodes([...named.values()], ["value", ...outputs.values()]);
  const values = forward(to, order, named);
  const wanted = intermediates ? new Set(order) : leadingTo(named, order);
  const gradients = backward(to, order, values, wanted);

  to.output("value", nameIn(values, root));
  for (const [leaf, output] of outputs) {
    const gradient = nameIn(gradients, leaf);
    to.output(output, lr === undefined ? gradient : step(to, nameIn(named, leaf), gradient, lr));
  }
  if (intermediates) to.expose(new Set([...values.values(), ...gradients.values()]));
  return {
    graph: to.graph,
    order,
    values: order.map((node) => (node === root ? "value" : nameIn(values, node))),
    gradients: order.map((node) => (lr === undefined && outputs.get(node)) || nameIn(gradients, node)),
  };
}

/** Inputs come before what is computed from them, so whatever is asked for has its name. */
const nameIn = (names: ReadonlyMap<Value, string>, node: Value): string => names.get(node) ?? "";

/** p − lr·g */
const step = (to: ScalarNodes, p: string, g: string, lr: number): string =>
  to.node("Sub", p, to.node("Mul", to.constant(lr), g));

/** One node per operation; leaves are inputs or constants. */
function forward(to: ScalarNodes, order: readonly Value[], named: ReadonlyMap<Value, string>) {
  const values = new Map(named);
  for (const node of order) {
    if (named.has(node)) continue;
    if (node.op === "" && node.prev.length === 0) values.set(node, constantOf(to, node));
    else {
      const [x, y] = node.prev.map((input) => nameIn(values, input));
      const rule = ruleOf(node);
      values.set(node, write(to, rule.forward, { x, y }, rule));
    }
  }
  return values;
}

/**
 * The walk back, written down: the root has gradient 1; every node after it hands on what its rule says, and where
 * several contributions meet they are added, in the order in which micrograd adds them.
 */
function backward(
  to: ScalarNodes,
  order: readonly Value[],
  values: ReadonlyMap<Value, string>,
  wanted: ReadonlySet<Value>,
): Map<Value, string> {
  const gradients = new Map([[order[order.length - 1], to.constant(1)]]);
  for (const node of order.toReversed()) {
    if (node.prev.length === 0 || !wanted.has(node)) continue;
    const [x, y] = node.prev.map((input) => nameIn(values, input));
    const names = { g: nameIn(gradients, node), x, y, r: nameIn(values, node) };
    const rule = ruleOf(node);
    for (const [i, input] of node.prev.entries()) {
      // Nobody writes nodes for the gradient of a constant.
      if (!wanted.has(input)) continue;
      const contribution = write(to, rule.backward[i], names, rule);
      const sum = gradients.get(input);
      gradients.set(input, sum === undefined ? contribution : to.node("Add", sum, contribution));
    }
  }
  return gradients;
}

/** Nodes through which the result depends on an input. */
function leadingTo(named: ReadonlyMap<Value, string>, order: readonly Value[]): Set<Value> {
  const found = new Set<Value>(named.keys());
  for (const node of order) if (node.prev.some((input) => found.has(input))) found.add(node);
  return found;
}

function constantOf(to: ScalarNodes, { data, label }: Value): string {
  if (!Number.isNaN(data)) return to.constant(data);
  throw new TypeError(
    `exportScalars: the constant ${JSON.stringify(label)} is NaN — every result of the model would be NaN; ` +
      "give it a number, or make it an input",
  );
}

function namesOf(
  inputs: Readonly<Record<string, Value>>,
  reached: ReadonlySet<Value>,
): ReadonlyMap<Value, string> {
  const named = new Map<Value, string>();
  for (const [name, leaf] of Object.entries(inputs)) {
    const wrong = wrongWith(leaf, named, reached);
    if (wrong !== null) throw new TypeError(`exportScalars: input "${name}" ${wrong}`);
    named.set(leaf, name);
  }
  if (named.size > 0) return named;
  throw new TypeError(
    "exportScalars: no inputs — a model of constants computes nothing; name one leaf: { inputs: { x } }",
  );
}

function wrongWith(
  leaf: unknown,
  named: ReadonlyMap<Value, string>,
  reached: ReadonlySet<Value>,
): string | null {
  if (!(leaf instanceof Value)) return `has type ${typeof leaf} — expected a Value`;
  if (leaf.op !== "")
    return `is the result of ${JSON.stringify(leaf.op)} — only leaves are inputs; take those that it was computed from`;
  if (named.has(leaf)) return `is "${named.get(leaf)}" as well — one Value takes one name`;
  return reached.has(leaf)
    ? null
    : "has no part in the result — leave it out, or export a value that depends on it";
}

/** Values are born after their inputs, so only a list of inputs that was changed later can close a circle. */
function requireNoCycle(order: readonly Value[]): void {
  const before = new Set<Value>();
  for (const node of order) {
    const later = node.prev.find((input) => !before.has(input));
    if (later !== undefined) {
      throw new TypeError(
        `exportScalars: ${JSON.stringify(node.op)} is computed from itself, by way of ${JSON.stringify(later.op)} — ` +
          "a graph has no cycles; make a new Value in place of changing `prev`",
      );
    }
    before.add(node);
  }
}

function requireRate(lr: number | undefined): void {
  if (lr === undefined || Number.isFinite(lr)) return;
  throw new RangeError(`exportScalars: lr ${lr} — the learning rate is a finite number`);
}
