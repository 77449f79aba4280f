import { backwardOrder, propagate, topologicalSort, type Value } from "./value.ts";

/** One step of a backward pass: a node whose gradient is complete, and what it adds to that of each of `node.prev`. */
export type Step = { node: Value; grad: number; contributions: readonly number[] };

// exercise: micrograd-trace
/**
 * Runs a backward pass one node at a time, for a stepper to show. Taken to its end it is exactly
 * `root.backward()`; stopped early, the gradients stay as far as the pass has come.
 */
export function* trace(root: Value): Generator<Step, void> {
  for (const node of backwardOrder(root)) {
    yield { node, grad: node.grad, contributions: propagate(node) };
  }
}

/** The graph behind `root` in graphviz's language: a box per value with data and grad, a circle per operation. */
export function toDot(root: Value): string {
  const nodes = topologicalSort(root);
  const names = new Map(nodes.map((node, i) => [node, `n${i}`]));
  const lines = nodes.flatMap((node) => {
    const name = names.get(node);
    const fields = [escape(node.label), `data ${short(node.data)}`, `grad ${short(node.grad)}`];
    const box = `${name} [label="${fields.filter(Boolean).join(" | ")}"`;
    if (!node.op) return `${box} fillcolor="#dbeafe"]`;
    const operation = `${name}op [label="${escape(node.op)}" shape=circle fillcolor="#fde68a"]`;
    const edges = node.prev.map((input) => `${names.get(input)} -> ${name}op`);
    return [`${box}]`, operation, `${name}op -> ${name}`, ...edges];
  });
  return `digraph {
  graph [rankdir=LR ranksep=0.3 nodesep=0.15];
  node [shape=record style=filled fillcolor="white" fontname="Helvetica" fontsize=11 height=0.3];
${lines.map((line) => `  ${line};\n`).join("")}}\n`;
}

/** The picture of `toDot` as SVG, for a file or a page. Graphviz comes as WebAssembly: no system program is needed. */
export async function toSvg(root: Value): Promise<string> {
  const { instance } = await import("@viz-js/viz"); // a megabyte, loaded only by those who draw
  const svg = (await instance()).renderString(toDot(root), { format: "svg" });
  return svg.slice(svg.indexOf("<svg")).replace(">", ">\n<title>Computation graph</title>"); // no XML prologue
}

const short = (x: number) => String(Number(x.toPrecision(6)));

/** `{|}<>` divide a record, quotes end its label, a backslash or `&` starts an escape; SVG has no control characters. */
const escape = (text: string) =>
  text.replace(/\p{Cc}+/gu, " ").replace(/[&\\"{}|<>]/g, (c) => (c === "&" ? "&amp;" : `\\${c}`));
