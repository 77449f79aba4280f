import type { Graph, NamedNode } from "../export/graph.ts";

/** What operations translate to: reductions and squeezes take axes as inputs from 13 on, and ONNX Runtime ends at 26. */
const supported = { from: 13, to: 26 } as const;

/** The first opset of every operator younger than the oldest supported one. */
const since: Readonly<Record<string, number>> = {
  HardSwish: 14,
  Trilu: 14,
  LayerNormalization: 17,
  GroupNormalization: 18,
  Mish: 18,
  Gelu: 20,
  IsInf: 20,
  RMSNormalization: 23,
  RotaryEmbedding: 23,
  Attention: 23,
  Swish: 24,
};

/** Attributes and inputs that an operator was given later than in the oldest supported opset, and what has them. */
const later: readonly { what: string; since: number; has(node: NamedNode): boolean }[] = [
  { what: "zeros", since: 14, has: ({ op, attributes }) => op === "Reshape" && "allowzero" in attributes },
  { what: "a layout", since: 14, has: ({ op, attributes }) => isRecurrent(op) && "layout" in attributes },
  {
    what: "a part of the shape",
    since: 15,
    has: ({ op, attributes }) => op === "Shape" && "start" in attributes,
  },
  {
    what: "a reduction",
    since: 16,
    has: ({ op, attributes }) => op.startsWith("Scatter") && "reduction" in attributes,
  },
  { what: "axes", since: 18, has: ({ op, inputs }) => op === "Pad" && inputs.length > 3 },
  { what: "axes", since: 18, has: ({ op, attributes }) => op === "Resize" && "axes" in attributes },
  {
    what: "a number of outputs",
    since: 18,
    has: ({ op, attributes }) => op === "Split" && "num_outputs" in attributes,
  },
  {
    what: "computed axes",
    since: 18,
    has: ({ op, inputs }) => /^Reduce(?!Sum$)/.test(op) && inputs.length > 1,
  },
];

const isRecurrent = (op: string): boolean => ["LSTM", "GRU", "RNN"].includes(op);

/** Throws a RangeError if an opset is not supported, or older than an operator in the graph, or than what it is given. */
export function checkOpset({ nodes }: Graph, opset: number): void {
  if (!Number.isInteger(opset) || opset < supported.from || opset > supported.to) {
    throw new RangeError(`exportOnnx: opset ${opset} — supported are ${supported.from} to ${supported.to}`);
  }
  for (const node of nodes) {
    const { op, name } = node;
    const call = `exportOnnx: opset ${opset} for node ${name}`;
    if ((since[op] ?? 0) > opset) throw new RangeError(`${call} — ${op} exists since opset ${since[op]}`);
    const young = later.find((form) => form.since > opset && form.has(node));
    if (young) throw new RangeError(`${call} — ${op} takes ${young.what} since opset ${young.since}`);
  }
}
