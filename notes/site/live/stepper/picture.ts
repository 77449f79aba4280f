import { drawing, element } from "../lib/elements.ts";
import { shown } from "../lib/numbers.ts";
import type { Graph } from "./build.ts";
import type { Layout } from "./layout.ts";
import type { Step } from "./passes.ts";

/** What a picture shows. */
export interface Scene {
  readonly graph: Graph;
  readonly layout: Layout;
  readonly step: Step;
  /** Right gradients to stand beside, where the pass may be wrong. */
  readonly right: readonly number[] | null;
  readonly atEnd: boolean;
}

const BOX = { width: 108, height: 62 };
const GAP = { along: 46, across: 18 };

/** From left to right where there is room, from top to bottom on a telephone. */
export function picture(scene: Scene, room: number): HTMLElement {
  const { ranks, width } = scene.layout;
  const sideways = ranks * (BOX.width + GAP.along) <= room;
  const [along, across] = sideways
    ? [BOX.width + GAP.along, BOX.height + GAP.across]
    : [BOX.height + GAP.along - 10, BOX.width + GAP.across];
  const size = [(ranks - 1) * along + (sideways ? BOX.width : BOX.height) + 4, width * across + 4];
  const [w, height] = sideways ? size : [size[1], size[0]];
  const centre: Centre = ({ rank, across: place }) => {
    const a = rank * along + (sideways ? BOX.width : BOX.height) / 2 + 2;
    return sideways ? [a, place * across + 2] : [place * across + 2, a];
  };
  const view = drawing(
    "svg",
    {
      width: w,
      height,
      viewBox: `0 0 ${w} ${height}`,
      role: "img",
      "aria-label": inWords(scene),
      style: "max-width:none;margin:0 auto",
    },
    drawing("title", {}, "Computation graph"),
    ...edges(scene, centre, sideways),
    ...scene.graph.nodes.map((_, i) => box(scene, i, centre(scene.layout.places[i]))),
  );
  return element("div", { class: "scroll", tabindex: w > room ? "0" : null }, view);
}

type Centre = (place: { readonly rank: number; readonly across: number }) => [x: number, y: number];

function edges({ layout, step, graph }: Scene, centre: Centre, sideways: boolean): SVGElement[] {
  const out = (i: number, sign: number) =>
    (sideways ? [sign * (BOX.width / 2), 0] : [0, sign * (BOX.height / 2)])[i];
  return layout.edges.flatMap((list, node) =>
    list.map((path, slot) => {
      const spread =
        (slot - (list.length - 1) / 2) * (graph.inputs[node][0] === graph.inputs[node][1] ? 16 : 8);
      const points = path.map((place, i) => {
        const [x, y] = centre(place);
        const sign = i === 0 ? 1 : i === path.length - 1 ? -1 : 0;
        const shift =
          i === 0 && path.length > 1 && graph.inputs[node][0] !== graph.inputs[node][1] ? 0 : spread;
        return sideways ? [x + out(0, sign), y + shift] : [x + shift, y + out(1, sign)];
      });
      const active = step.kind === "add" && step.node === node && step.slot === slot;
      return drawing("path", { d: curve(points, sideways), class: active ? "edge active" : "edge" });
    }),
  );
}

/** A soft line through points that advance in one direction. */
function curve(points: readonly number[][], sideways: boolean): string {
  const steps = points.slice(1).map(([x, y], i) => {
    const [a, b] = points[i];
    const bend = sideways ? [(a + x) / 2, b, (a + x) / 2, y] : [a, (b + y) / 2, x, (b + y) / 2];
    return `C ${bend.map((n) => n.toFixed(1)).join(" ")} ${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M ${points[0].map((n) => n.toFixed(1)).join(" ")} ${steps.join(" ")}`;
}

function box({ graph, step, right, atEnd }: Scene, i: number, [x, y]: [number, number]): SVGElement {
  const { op, data } = graph.nodes[i];
  const name = graph.names[i].length > 9 ? `${graph.names[i].slice(0, 8)}…` : graph.names[i];
  const grad = step.grads[i];
  const wrong = right !== null && atEnd && Math.abs(grad - right[i]) > 1e-12 * Math.abs(right[i]);
  const state = step.target === i ? " target" : step.node === i ? " source" : "";
  const left = x - BOX.width / 2 + 9;
  const end = x + BOX.width / 2 - 9;
  const top = y - BOX.height / 2;
  const line = (row: number, label: string, value: string, kind: string) => [
    drawing("text", { x: left, y: top + row, class: "label" }, label),
    drawing("text", { x: end, y: top + row, class: kind, "text-anchor": "end" }, value),
  ];
  const grown = wrong ? `${shown(grad, 3)} ≠ ${shown(right[i], 3)}` : shown(grad);
  return drawing(
    "g",
    { class: `box${state}${op ? "" : " leaf"}${wrong ? " wrong" : ""}`, "data-node": graph.names[i] },
    drawing("rect", { x: x - BOX.width / 2, y: top, width: BOX.width, height: BOX.height, rx: 8 }),
    drawing("text", { x: left, y: top + 17, class: "name" }, name),
    op
      ? drawing(
          "text",
          { x: end, y: top + 17, class: "op", "text-anchor": "end" },
          op.replace("*", "×").replace("-", "−"),
        )
      : null,
    ...line(36, "data", step.computed.has(i) ? shown(data) : "?", "data"),
    ...line(53, "grad", grown, wrong ? "grad orange" : "grad"),
  );
}

/** The picture for those who do not see it. */
export function inWords({ graph, step, right }: Scene): string {
  const list = graph.names.map((name, i) => {
    const data = step.computed.has(i) ? shown(graph.nodes[i].data) : "not computed yet";
    return `${name}: data ${data}, grad ${shown(step.grads[i])}${right ? ` (right: ${shown(right[i])})` : ""}`;
  });
  return `Computation graph. ${list.join("; ")}.`;
}

export const pictureStyle = `
.live .edge { fill: none; stroke: var(--muted); stroke-opacity: 0.55; stroke-width: 1.4; }
.live .edge.active { stroke: var(--blue); stroke-opacity: 1; stroke-width: 3; }
.live .box rect { fill: var(--panel); stroke: var(--muted); stroke-opacity: 0.6; }
.live .box.leaf rect { fill: color-mix(in oklab, var(--blue) 8%, var(--panel)); }
.live .box.source rect { stroke: var(--blue); stroke-opacity: 1; stroke-width: 1.5; }
.live .box.target rect { stroke: var(--blue); stroke-opacity: 1; stroke-width: 3; }
.live .box.wrong rect { stroke: var(--orange); stroke-opacity: 1; stroke-width: 2; }
.live .box text { font-size: 12.5px; fill: var(--ink); }
.live .box .label { fill: var(--muted); font-size: 11.5px; }
.live .box .name { font-weight: 600; font-size: 13px; }
.live .box .op { fill: var(--orange); font-weight: 600; font-size: 13px; }
.live .box .grad { fill: var(--blue); font-weight: 600; }
.live .box .grad.orange { fill: var(--orange); }
`;
