import { type MLP, topologicalSort, Value } from "micrograd";
import type { ArrayValue } from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import { largest } from "../gradients/closeness.ts";
import { agreement, type Outcome } from "./agreement.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { type ScalarModel, scalarModel } from "./scalar-export.ts";

/** A graph of scalars at one point: what it ends in, and the leaves that are fed to ONNX Runtime. */
export interface ScalarPoint {
  readonly root: Value;
  readonly inputs: Readonly<Record<string, Value>>;
}

/** Graphs of micrograd in both engines: every value and every gradient, those in between included. */
export interface ScalarParity extends Outcome {
  /** Largest difference allowed, as a share of the largest number. */
  readonly tolerance: number;
  /** Graphs compared. */
  readonly points: number;
  /** Graphs with a relu so near its kink that rounding decides: counted, not compared. */
  readonly kinks: number;
  /** ONNX nodes of all different graphs. */
  readonly nodes: number;
  readonly values: number;
  readonly gradients: number;
  /** Largest difference of a value, or of a gradient, in units of the largest of its graph. */
  readonly relative: number;
  /** Largest difference in units of the number itself: not judged, for what cancels has few digits left. */
  readonly maxRel: number;
  readonly failure: string | null;
}

export interface ScalarParityOptions {
  readonly name?: string;
  readonly tolerance?: number;
}

/**
 * Compares graphs of scalars with ONNX Runtime, which runs forward and backward pass as written down by
 * `exportScalars`. Graphs that only differ in their numbers are one model, fed with the numbers of each. The gradients
 * of the leaves are put back afterwards.
 */
export async function scalarParity(
  points: Iterable<ScalarPoint>,
  options: ScalarParityOptions = {},
): Promise<ScalarParity> {
  const { name = "scalars", tolerance = 1e-12 } = checked("scalarParity", options, ["name", "tolerance"]);
  const found = { points: 0, kinks: 0, values: 0, gradients: 0, relative: 0, maxRel: 0 };
  let failure: string | null = null;
  await using engine = new ScalarEngine();
  for (const point of points) {
    const model = await engine.load(point);
    if (isOnKink(model.order)) {
      found.kinks++;
      continue;
    }
    const { values, gradients } = await compare(engine, model, point);
    found.points++;
    found.values += values.count;
    found.gradients += gradients.count;
    found.relative = Math.max(found.relative, values.relative, gradients.relative);
    found.maxRel = Math.max(found.maxRel, values.maxRel, gradients.maxRel);
    const worst = values.relative > tolerance ? values : gradients;
    if (worst.relative > tolerance) failure ??= `${worst.say} (allowed ${tolerance} of the largest)`;
  }
  if (found.points === 0) failure ??= `no graph was compared (${found.kinks} lie on a kink of relu)`;
  return { name, passed: failure === null, tolerance, nodes: engine.nodes, ...found, failure };
}

/** The graphs of a network's outputs at points of its input, which are fed as `x1`, `x2`, …. */
export function* mlpPoints(
  model: MLP,
  points: Iterable<readonly (Value | number)[]>,
): Generator<ScalarPoint> {
  const parameters = parametersOf(model);
  const outputs = model.layers.at(-1)?.neurons.length ?? 0;
  const leaves = Array.from(points, (point) => point.map((x) => (typeof x === "number" ? new Value(x) : x)));
  // One output after the other: all points of one are the same model.
  for (let i = 0; i < outputs; i++) {
    for (const point of leaves) {
      const x = Object.fromEntries(point.map((value, k) => [`x${k + 1}`, value]));
      const { [i]: root } = model.forward(point);
      const reached = new Set(topologicalSort(root)); // without the last layer's other neurons
      const used = Object.entries({ ...x, ...parameters }).filter(([, leaf]) => reached.has(leaf));
      yield { root, inputs: Object.fromEntries(used) };
    }
  }
}

/** A network's parameters by name: `layers.0.neurons.7.w2`. */
export function parametersOf(model: MLP): Record<string, Value> {
  const named = model.layers.flatMap((layer, i) =>
    layer.neurons.flatMap((neuron, k) =>
      neuron.parameters().map((p) => [`layers.${i}.neurons.${k}.${p.label}`, p] as const),
    ),
  );
  return Object.fromEntries(named);
}

export const numberAsInput = (x: number): ArrayValue => ({
  dtype: "float64",
  shape: [],
  data: Float64Array.of(x),
});

/** The operations of a graph and how they are joined, without its numbers. */
export function shapeOf(order: readonly Value[], inputs: Readonly<Record<string, Value>>): string {
  const places = new Map(order.map((node, i) => [node, i]));
  const names = new Map(Object.entries(inputs).map(([name, leaf]) => [leaf, name]));
  const constant = (node: Value) => (node.prev.length ? node.op : String(node.data));
  return order
    .map((node) => `${names.get(node) ?? constant(node)}(${node.prev.map((input) => places.get(input))})`)
    .join(" ");
}

/** Keeps the last model loaded: points of one network come one after the other. */
class ScalarEngine {
  #session: OnnxSession | null = null;
  #model: ScalarModel | null = null;
  #shape = "";
  /** Nodes of all models that were loaded. */
  nodes = 0;

  async load({ root, inputs }: ScalarPoint): Promise<ScalarModel> {
    const order = topologicalSort(root);
    const shape = shapeOf(order, inputs);
    if (this.#model && shape === this.#shape) return { ...this.#model, order };
    await this[Symbol.asyncDispose]();
    this.#model = scalarModel(root, { inputs, intermediates: true });
    this.#session = await OnnxSession.open(this.#model.bytes);
    this.#shape = shape;
    this.nodes += this.#model.nodes;
    return this.#model;
  }

  async run(inputs: Readonly<Record<string, Value>>): Promise<Readonly<Record<string, ArrayValue>>> {
    const feeds = Object.entries(inputs).map(([name, { data }]) => [name, numberAsInput(data)] as const);
    return (await this.#session?.fetch(Object.fromEntries(feeds))) ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
    this.#session = null;
  }
}

/** Values and gradients of all nodes in both engines. */
async function compare(
  engine: ScalarEngine,
  { order, values, gradients }: ScalarModel,
  { root, inputs }: ScalarPoint,
) {
  const fetched = await engine.run(inputs);
  const differ = (
    what: string,
    nodes: readonly Value[],
    names: readonly string[],
    ours: readonly number[],
  ) => {
    const theirs = names.map((name) => Number(fetched[name]?.data[0]));
    const { maxAbs, maxRel, worst } = agreement(listOf(ours), listOf(theirs));
    // What cancels leaves the rounding of what it was made of. Only equal infinities are near to each other.
    const relative = maxAbs / largest([...ours, ...theirs].filter(Number.isFinite)) || 0;
    const node = nodes[worst?.index[0] ?? 0];
    const place = `${what} of node ${order.indexOf(node)} (${node?.label || node?.op || "a constant"})`;
    return {
      count: ours.length,
      relative,
      maxRel,
      say: `${place}: micrograd ${worst?.a}, ONNX Runtime ${worst?.b}`,
    };
  };
  const computed = order.flatMap((node, i) => (node.prev.length > 0 ? [i] : []));
  const pick = <T>(all: readonly T[]) => computed.map((i) => all[i]);
  const data = order.map((node) => node.data);
  return {
    values: differ("value", pick(order), pick(values), pick(data)),
    gradients: differ("gradient", order, gradients, gradientsOf(root, order)),
  };
}

export const listOf = (numbers: readonly number[]): ArrayValue => ({
  dtype: "float64",
  shape: [numbers.length],
  data: Float64Array.from(numbers),
});

/** What `backward` gives every node, with leaves that start from 0 and get back what they had. */
function gradientsOf(root: Value, order: readonly Value[]): number[] {
  using _before = borrow(order);
  for (const node of order) node.grad = 0;
  root.backward();
  return order.map((node) => node.grad);
}

/** Remembers numbers and gradients, and puts them back at the end of the block. */
export function borrow(values: readonly Value[]): Disposable {
  const before = values.map(({ data, grad }) => ({ data, grad }));
  return { [Symbol.dispose]: () => before.map((numbers, i) => Object.assign(values[i], numbers)) };
}

/** Sums and products round alike everywhere; of other functions two engines may differ in the last bits. */
const isExact = ({ op }: Value) => op === "" || op === "+" || op === "*";

/** As near to the kink as differing rounding could reach. */
const NEAR = 1e-9;

/** Whether a relu bends where its input may be on the one side here and on the other there. */
function isOnKink(order: readonly Value[]): boolean {
  const rounded = new Set<Value>();
  for (const node of order) {
    const isRounded = !isExact(node) || node.prev.some((input) => rounded.has(input));
    if (node.op !== "relu") {
      if (isRounded) rounded.add(node);
      continue;
    }
    const [x] = node.prev;
    if (!rounded.has(x)) continue;
    if (Math.abs(x.data) < NEAR) return true;
    if (x.data > 0) rounded.add(node); // below the kink it is 0, exactly
  }
  return false;
}
