import type { Graph, NamedNode } from "./graph.ts";

/** From here on reductions take their axes as an input. */
const AXES_AS_INPUT = 18;
/** From here on a reshape may be asked to take a 0 for a size, and not for "as it was". */
const ALLOWS_ZERO = 14;

/**
 * Writes a graph with the operators of an older opset, where those mean the same. Before 18 all reductions but `ReduceSum` had
 * their axes as an attribute. Before 14 `Reshape` had no attribute about zeros, and sizes above 0 need none. What has no older
 * form stays as it is, for `checkOpset` to refuse.
 */
export function inOlderWords(graph: Graph, opset: number): void {
  if (opset >= AXES_AS_INPUT) return;
  for (const [i, node] of graph.nodes.entries()) {
    const numbers = numbersOf(graph, node);
    if (node.op === "Reshape" && opset < ALLOWS_ZERO && numbers && !numbers.includes(0)) {
      const { allowzero: _, ...attributes } = node.attributes;
      graph.nodes[i] = { ...node, attributes };
    }
    // No axes at all meant all of them before, and mean none now.
    if (/^Reduce(?!Sum$)/.test(node.op) && numbers?.length) {
      const { noop_with_empty_axes: _, ...attributes } = node.attributes;
      graph.nodes[i] = { ...node, inputs: [node.inputs[0]], attributes: { ...attributes, axes: numbers } };
    }
  }
  const used = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map((o) => o.name)]);
  for (const name of graph.constants) if (!used.has(name)) forget(graph, name);
}

/** The second input, where it is known numbers: axes, sizes. */
function numbersOf({ initializers }: Graph, { inputs }: NamedNode): number[] | null {
  const value = initializers.get(inputs[1] ?? "");
  return value?.dtype === "int64" ? Array.from(value.data, Number) : null;
}

function forget({ constants, initializers }: Graph, name: string): void {
  constants.delete(name);
  initializers.delete(name);
}
