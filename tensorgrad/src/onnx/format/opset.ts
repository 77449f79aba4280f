import type { Graph } from "../export/graph.ts";

/** What operations translate to: reductions take their axes as inputs from 18 on, and ONNX Runtime ends at 26. */
const supported = { from: 18, to: 26 } as const;

/** The first opset of every operator younger than the oldest supported one. */
const since: Readonly<Record<string, number>> = {
  Gelu: 20,
  IsInf: 20,
  RMSNormalization: 23,
  RotaryEmbedding: 23,
  Attention: 23,
  Swish: 24,
};

/** Throws a RangeError if an opset is not supported, or older than an operator in the graph. */
export function checkOpset({ nodes }: Graph, opset: number): void {
  if (!Number.isInteger(opset) || opset < supported.from || opset > supported.to) {
    throw new RangeError(`exportOnnx: opset ${opset} — supported are ${supported.from} to ${supported.to}`);
  }
  const young = nodes.find(({ op }) => (since[op] ?? 0) > opset);
  if (!young) return;
  throw new RangeError(
    `exportOnnx: opset ${opset} for node ${young.name} — ${young.op} exists since opset ${since[young.op]}`,
  );
}
