import { checked, expectArgument, isList } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { type ArrayValue, CONSTANT, dataTypes, type OnnxDType } from "../format/data-types.ts";
import type { MessageDraft } from "../format/schema.ts";
import { type Placer, placer } from "./external.ts";

/** Between the traced call and the file: a graph with names in place of tensors. */
export interface Graph {
  readonly nodes: NamedNode[];
  /** Parameters, buffers and constants by name. */
  readonly initializers: Map<string, ArrayValue>;
  /** Those that nobody trains: numbers of the operations themselves. The file says so, for whoever imports it. */
  readonly constants: Set<string>;
  readonly inputs: Value[];
  readonly outputs: Value[];
  /** The tensor behind each value that the traced call computed: what parity compares with. */
  readonly tensors: Map<string, Tensor>;
}

/** A node of a graph with names for its inputs and outputs. */
export interface NamedNode {
  readonly name: string;
  readonly op: string;
  /** Names of values; "" leaves an optional input out. */
  inputs: string[];
  readonly output: string;
  /** The position of `output` among the operator's results. */
  readonly position?: number;
  /** Other results that are used, by position. */
  readonly others?: Record<number, string>;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An integer, a float, a string, or a list of integers or strings: ONNX writes the type beside the value. */
export type Attribute = number | { readonly float: number } | string | readonly number[] | readonly string[];

/** A named input or output; a string among the dims names one that is known at run time only. */
export interface Value {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly (number | string)[];
}

/** Makes every value that the traced call computed an output, after those that are. */
export function exposeAll(graph: Graph): void {
  expectGraph("exposeAll", graph);
  const { nodes, outputs, tensors } = graph;
  const known = new Set(outputs.map(({ name }) => name));
  for (const { output } of nodes) {
    const tensor = tensors.get(output);
    if (tensor && !known.has(output))
      outputs.push({ name: output, dtype: tensor.dtype, shape: tensor.shape });
  }
}

/** AttributeProto.type. */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7, strings: 8 } as const;

function attributeProto(name: string, value: Attribute): MessageDraft<"Attribute"> {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if (typeof value === "string") return { name, s: utf8(value), type: attributeTypes.string };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return areStrings(value)
    ? { name, strings: value.map(utf8), type: attributeTypes.strings }
    : { name, ints: value, type: attributeTypes.ints };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const areStrings = (list: readonly number[] | readonly string[]): list is readonly string[] =>
  typeof list[0] === "string";

const nodeProto = ({ name, op, inputs, attributes, ...results }: NamedNode): MessageDraft<"Node"> => ({
  name,
  opType: op,
  input: inputs,
  output: resultsOf(name, results),
  attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
});

/** All results up to the last one that is used. */
function resultsOf(
  name: string,
  { output, position = 0, others = {} }: Pick<NamedNode, "output" | "position" | "others">,
): string[] {
  const used: Record<number, string> = { ...others, [position]: output };
  const last = Math.max(...Object.keys(used).map(Number));
  return Array.from({ length: last + 1 }, (_, i) => used[i] ?? `${name}.unused.${i}`);
}

const valueProto = ({ name, dtype, shape }: Value): MessageDraft<"ValueInfo"> => ({
  name,
  type: {
    tensorType: {
      elemType: dataTypes[dtype],
      shape: {
        dim: shape.map((n) => (typeof n === "number" ? { dimValue: n } : { dimParam: n })),
      },
    },
  },
});

export interface ModelOptions {
  readonly opset: number;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where initializers go; into the file unless given. */
  readonly place?: Placer;
}

/** IR version 10 is the first that knows opset 21, and ONNX Runtime reads it since 1.18. */
const irVersion = 10;

/** The message of a whole file: the graph with opset, metadata and names. */
export function modelOf(graph: Graph, options: ModelOptions): MessageDraft<"Model"> {
  expectGraph("modelOf", graph);
  const {
    opset,
    name,
    metadata = {},
    place = placer(),
  } = checked("modelOf", options, ["opset", "name", "metadata", "place"]);
  return {
    irVersion,
    producerName: "tensorgrad",
    opsetImport: [{ domain: "", version: opset }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({
      key,
      value,
    })),
    graph: {
      name,
      node: graph.nodes.map(nodeProto),
      initializer: [...graph.initializers].map(([name, value]) => ({
        ...place(name, value),
        ...(graph.constants.has(name) && { docString: CONSTANT }),
      })),
      input: graph.inputs.map(valueProto),
      output: graph.outputs.map(valueProto),
    },
  };
}

/** Refuses anything but what `emit` makes. */
function expectGraph(call: string, graph: Graph): void {
  expectArgument(
    isList(graph?.nodes) && isList(graph.inputs),
    call,
    "graph",
    graph,
    "a graph, as emit(…) makes it",
  );
}
