import type { Graph } from "tensorgrad/onnx";

/** The type of every value: micrograd computes in float64, one number at a time. */
const scalar = { dtype: "float64", shape: [] } as const;

/** An ONNX graph of float64 scalars, as it grows. Values are known by their names. */
export class ScalarNodes {
  readonly graph: Graph = { nodes: [], initializers: new Map(), inputs: [], outputs: [], tensors: new Map() };
  readonly #taken = new Set<string>();
  readonly #constants = new Map<number, string>();
  #count = 0;

  /** Takes these names for inputs and outputs before any node is named. */
  constructor(inputs: readonly string[], outputs: readonly string[]) {
    for (const name of [...inputs, ...outputs]) {
      if (this.#taken.has(name)) throw new TypeError(twice(name));
      this.#taken.add(name);
    }
    for (const name of inputs) this.graph.inputs.push({ name, ...scalar });
  }

  /** Adds a node; returns the name of its result. */
  node(op: string, ...inputs: string[]): string {
    const name = this.#unique(op);
    this.graph.nodes.push({ name, op, inputs, output: name, attributes: {} });
    return name;
  }

  /** The same number is one constant, however often it is used. */
  constant(x: number): string {
    const known = this.#constants.get(x);
    if (known !== undefined) return known;
    const name = this.#unique("constant");
    this.#constants.set(x, name);
    this.graph.initializers.set(name, { ...scalar, data: Float64Array.of(x) });
    return name;
  }

  output(name: string, source: string): void {
    this.graph.nodes.push({ name, op: "Identity", inputs: [source], output: name, attributes: {} });
    this.graph.outputs.push({ name, ...scalar });
  }

  /** Makes results of nodes outputs as well, under their own names; inputs and constants are known without. */
  expose(names: ReadonlySet<string>): void {
    const known = new Set(this.graph.outputs.map(({ name }) => name));
    for (const { output } of this.graph.nodes) {
      if (names.has(output) && !known.has(output)) this.graph.outputs.push({ name: output, ...scalar });
    }
  }

  #unique(wanted: string): string {
    let name: string;
    do name = `${wanted}_${++this.#count}`;
    while (this.#taken.has(name));
    this.#taken.add(name);
    return name;
  }
}

const twice = (name: string) =>
  `exportScalars: two values are called "${name}" — inputs and the outputs "value", "grad.<input>" and ` +
  `"next.<input>" share one space of names; rename the input`;
