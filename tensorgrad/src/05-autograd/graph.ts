import { checked, expectArgument, show, showBytes } from "../00-runtime/index.ts";
import { isTensor, type Tensor, topologicalOrder } from "../01-tensor/index.ts";

/** Options of `toDot` and `toSvg`. */
export interface GraphOptions {
  /** Names for tensors, such as `Object.entries(model.stateDict())` turned around or a few of one's own. */
  readonly names?: ReadonlyMap<Tensor, string>;
}

/**
 * The graph behind `output` in graphviz's language: a box per tensor with its shape (and value, if it is one number),
 * a circle per operation. Leaves that require a gradient are blue.
 *
 * Draw before `backward`, which releases the graph, or call it with `{ retainGraph: true }`.
 */
export function toDot(output: Tensor, options: GraphOptions = {}): string {
  expectArgument(isTensor(output), "toDot", "output", output, "a tensor");
  const { names = new Map() } = checked("toDot", options, ["names"]);
  const ids = new Map<Tensor, string>();
  const lines: string[] = [];
  const idOf = (tensor: Tensor): string => {
    const known = ids.get(tensor);
    if (known) return known;
    const id = `t${ids.size}`;
    ids.set(tensor, id);
    lines.push(`${id} [label="${fields(tensor, names.get(tensor)).map(escape).join(" | ")}"${fill(tensor)}]`);
    return id;
  };
  for (const tensor of topologicalOrder([output], () => true).reverse()) {
    const id = idOf(tensor);
    if (!tensor.gradFn) continue;
    lines.push(
      `${id}op [label="${escape(tensor.gradFn.name)}" shape=ellipse fillcolor="#fde68a"]`,
      `${id}op -> ${id}`,
    );
    for (const input of tensor.gradFn.prev) lines.push(`${idOf(input)} -> ${id}op`);
  }
  return `digraph {
  graph [rankdir=LR ranksep=0.3 nodesep=0.15];
  node [shape=record style=filled fillcolor="white" fontname="Helvetica" fontsize=11 height=0.3];
${lines.map((line) => `  ${line};\n`).join("")}}\n`;
}

/** The picture of `toDot` as SVG. Graphviz comes as WebAssembly: no system program is needed. */
export async function toSvg(output: Tensor, options: GraphOptions = {}): Promise<string> {
  const { instance } = await import("@viz-js/viz"); // a megabyte, loaded only by those who draw
  const svg = (await instance()).renderString(toDot(output, options), { format: "svg" });
  return svg.slice(svg.indexOf("<svg")).replace(">", ">\n<title>Computation graph</title>"); // no XML prologue
}

function fields(tensor: Tensor, name: string | undefined): string[] {
  const what = `${tensor.dtype} ${show(tensor.shape)}`;
  const value =
    tensor.size === 1
      ? `data ${short(tensor.item())}`
      : showBytes(tensor.size * tensor.elements.BYTES_PER_ELEMENT);
  const grad = tensor.grad?.size === 1 ? [`grad ${short(tensor.grad.item())}`] : [];
  return [...(name ? [name] : []), what, value, ...grad];
}

const fill = (tensor: Tensor): string => (tensor.isLeaf && tensor.requiresGrad ? ' fillcolor="#dbeafe"' : "");

const short = (x: number): string => String(Number(x.toPrecision(6)));

/** `{|}<>` divide a record, quotes end its label, a backslash or `&` starts an escape; SVG has no control characters. */
const escape = (text: string): string =>
  text.replace(/\p{Cc}+/gu, " ").replace(/[&\\"{}|<>]/g, (c) => (c === "&" ? "&amp;" : `\\${c}`));
