import { element } from "../lib/elements.ts";
import { lines } from "../lib/lines.ts";
import { count, shown } from "../lib/numbers.ts";
import type { Progress } from "./work.ts";

/** The losses of both engines. */
export function lossCurve(history: readonly Progress[], width: number): Node {
  const line = (engine: "scalar" | "tensor") =>
    history.map((one) => [one.step, Math.max(one[engine].loss, 1e-6)] as const);
  const last = history.at(-1);
  const alt = last
    ? `Loss over steps: ${shown(history[0].tensor.loss)} at first, ${shown(last.tensor.loss)} after ${last.step}.`
    : "No loss yet.";
  return lines(
    [
      { name: "scalar", color: "orange", points: line("scalar") },
      { name: "tensor", color: "blue", points: line("tensor"), dashed: true },
    ],
    {
      width,
      height: 220,
      x: "step",
      y: "loss, nats",
      log: "y",
      alt,
      names: 56,
      ...(last ? {} : { xRange: [0, 100], yRange: [0.01, 1] }),
    },
  );
}

/** Both engines in numbers, after the last step. */
export function enginesTable(history: readonly Progress[]): Node[] {
  const last = history.at(-1);
  if (!last) return [];
  const cells = (name: string, { loss, nodes, ms }: Progress["scalar"]) =>
    element(
      "tr",
      { "data-engine": name },
      element("th", { scope: "row" }, name),
      ...[shown(loss, 6), count(nodes), shown(ms, 2)].map((text) => element("td", { class: "number" }, text)),
    );
  const head = ["engine", "loss", "graph nodes a step", "ms a step"].map((text, i) =>
    element("th", { scope: "col", class: i ? "number" : null }, text),
  );
  return [
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, cells("micrograd", last.scalar), cells("tensorgrad", last.tensor)),
    ),
    element(
      "p",
      { class: "quiet apart" },
      `Largest difference of a weight: ${shown(last.apart, 2)}. One counts in float64, the other in float32.`,
    ),
  ];
}
