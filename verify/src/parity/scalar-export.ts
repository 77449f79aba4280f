import { topologicalSort, Value } from "micrograd";
import { fromArray, grad, scope, type Tensor } from "tensorgrad";
import { emit, encodeModel, modelOf } from "tensorgrad/onnx";
import { checked, recordAll } from "tensorgrad/runtime";

/** Options of `exportScalars`. */
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
 * ONNX      Add Mul Pow Relu Tanh Exp Log, and Neg Div for sigmoid; in the backward pass Where and comparisons as well
 */
export const exportScalars = (root: Value, options: ScalarExportOptions): Uint8Array<ArrayBuffer> =>
  scalarModel(root, checked("exportScalars", options, ["inputs", "lr", "intermediates"])).bytes;

/** A graph as ONNX, and what its values are called. */
export interface ScalarModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many nodes the graph has in ONNX. */
  readonly nodes: number;
  /** Every node, inputs before what is computed from them. */
  readonly order: readonly Value[];
  /** With intermediates, by the place of a node in `order`: the names of its value and of its gradient. */
  readonly values: readonly string[];
  readonly gradients: readonly string[];
}

/** The graph once more, in tensors of one number: they are recorded, differentiated and written as any model is. */
export function scalarModel(
  root: Value,
  { inputs, lr, intermediates = false }: ScalarExportOptions,
): ScalarModel {
  using _ = scope();
  const order = topologicalSort(root);
  const named = namesOf(inputs, new Set(order));
  requireNoCycle(order);
  requireRate(lr);
  const tensors = inTensors(order, (leaf) => intermediates || named.has(leaf), named);
  const at = (node: Value) => tensors.get(node) as Tensor;
  const gradients = gradientsOf(at(root), (intermediates ? order : [...named.keys()]).map(at));
  const outputs = new Map([["value", at(root)]]);
  for (const [leaf, name] of named) {
    const [p, g] = [at(leaf), gradients.get(at(leaf)) as Tensor];
    if (lr === undefined) outputs.set(`grad.${name}`, g);
    else
      outputs.set(
        `next.${name}`,
        recordAll(() => p.sub(g.mul(lr))),
      );
  }
  for (const name of named.values()) if (outputs.has(name)) throw new TypeError(twice(name));
  const all = (what: string) => (intermediates ? order.map((_, i) => `${what}.${i}`) : []);
  const names = { values: all("value"), gradients: all("gradient") };
  for (const [i, node] of (intermediates ? order : []).entries()) {
    if (node.prev.length > 0) outputs.set(names.values[i], at(node));
    outputs.set(names.gradients[i], gradients.get(at(node)) as Tensor);
  }
  const entries = new Map([...named].map(([leaf, name]) => [at(leaf), name]));
  const recorded = { inputs: entries, parameters: new Map(), outputs, paths: new Map() };
  const graph = emit(recorded, { decompose: "float64" });
  const bytes = encodeModel(modelOf(graph, { opset: 21, name: "micrograd", metadata: {} }));
  return { bytes, nodes: graph.nodes.length, order, ...names };
}

type Rule = (x: Tensor, y: Tensor) => Tensor;

/**
 * micrograd's operations by their names. The derivatives are the tensor engine's: rules taken from micrograd's closures
 * would agree with any mistake.
 */
export const rules: Readonly<Record<string, Rule>> = {
  "+": (x, y) => x.add(y),
  "*": (x, y) => x.mul(y),
  "^": (x, y) => x.pow(y),
  relu: (x) => x.relu(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  exp: (x) => x.exp(),
  log: (x) => x.log(),
};

/** Every node as a tensor; those that `differentiated` names are leaves with a gradient. */
function inTensors(
  order: readonly Value[],
  differentiated: (leaf: Value) => boolean,
  named: ReadonlyMap<Value, string>,
): ReadonlyMap<Value, Tensor> {
  const tensors = new Map<Value, Tensor>();
  recordAll(() => {
    for (const node of order) {
      const isLeaf = node.op === "" && node.prev.length === 0;
      if (isLeaf && !named.has(node)) requireNumber(node);
      const [x, y] = node.prev.map((input) => tensors.get(input) as Tensor);
      const leaf = { dtype: "float64", requiresGrad: differentiated(node) } as const;
      tensors.set(node, isLeaf ? fromArray([node.data], [], leaf) : ruleOf(node)(x, y));
    }
  });
  return tensors;
}

/** By tensor: the derivative of the root, 0 where nothing flows back. */
function gradientsOf(root: Tensor, wanted: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const found = recordAll(() => grad(root, wanted, { createGraph: true, allowUnused: true }));
  return new Map(wanted.map((x, i) => [x, found[i] ?? fromArray([0], [], { dtype: "float64" })]));
}

/** Throws a TypeError for an operation that is none of micrograd's, or has the wrong number of inputs. */
function ruleOf({ op, prev }: Value): Rule {
  const exponent = /^\^./.test(op) && op === `^${Number(op.slice(1))}` ? Number(op.slice(1)) : null;
  const rule = exponent === null && Object.hasOwn(rules, op) ? rules[op] : power(exponent);
  if (rule?.length === prev.length) return rule;
  const known = [...Object.keys(rules), "^<number>"].join(", ");
  const what = rule ? `the operation takes ${rule.length}` : `known are ${known}`;
  const inputs = `${prev.length} input${prev.length === 1 ? "" : "s"}`;
  throw new TypeError(`exportScalars: operation ${JSON.stringify(op)} on ${inputs} — ${what}`);
}

/** x^c with a plain number, which micrograd keeps in the operation's name: `^3`. x⁰ is constant, also where x is NaN. */
function power(c: number | null): Rule | undefined {
  if (Number.isNaN(c)) {
    throw new TypeError(
      "exportScalars: the exponent of a power is NaN — every result of the model would be NaN",
    );
  }
  return c === null ? undefined : (x) => (c === 0 ? x.eq(x).where(x, 0) : x).pow(c);
}

function requireNumber({ data, label }: Value): void {
  if (!Number.isNaN(data)) return;
  throw new TypeError(
    `exportScalars: the constant ${JSON.stringify(label)} is NaN — every result of the model would be NaN; ` +
      "give it a number, or make it an input",
  );
}

const twice = (name: string) =>
  `exportScalars: two values are called "${name}" — inputs and the outputs "value", "grad.<input>" and ` +
  `"next.<input>" share one space of names; rename the input`;

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
