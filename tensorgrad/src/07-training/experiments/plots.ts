import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeDurablySync } from "../../00-runtime/node.ts";
import { type Curve, curvesSvg } from "../../plots/index.ts";
import type { Line } from "./metrics-log.ts";

/** Writes the pictures of a run's curves into a folder. */
export function drawPlots(folder: string, lines: readonly Line[]): void {
  // Whole files only: a browser may be looking at them.
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(picturesOf(lines)))
    writeDurablySync(join(folder, `${name.replaceAll(" ", "-")}.svg`), svg);
}

/** Pictures by name: the loss and the learning rate over steps, every metric over epochs. */
export function picturesOf(lines: readonly Line[]): Record<string, string> {
  const steps = lines.filter((line) => line.kind === "step");
  const epochs = lines.filter((line) => line.kind === "epoch");
  const byEpoch = (name: string): Curve[] =>
    (["train", "validation"] as const).flatMap((phase) => {
      const points = epochs.flatMap(({ step, metrics }): [number, number][] => {
        const value = metrics[`${phase}.${name}`];
        return value === undefined ? [] : [[step, value]];
      });
      return points.length ? [{ name: `${phase}, by epoch`, points }] : [];
    });
  // "train.accuracy" and "validation.accuracy" share a picture.
  const names = new Set(
    epochs.flatMap(({ metrics }) => Object.keys(metrics).map((name) => name.split(".")[1])),
  );
  const pictures: Record<string, Curve[]> = {
    loss: [{ name: "every step", points: thin(steps.map(({ step, loss }) => [step, loss])) }],
    "learning rate": [{ name: "every step", points: thin(steps.map(({ step, lr }) => [step, lr])) }],
  };
  for (const name of names) pictures[name] ??= [];
  const drawn = Object.entries(pictures).map(([name, curves]) => [
    name,
    curvesSvg([...curves, ...byEpoch(name)], { title: name, xLabel: "steps", yLabel: "" }),
  ]);
  return Object.fromEntries(drawn);
}

const MOST_POINTS = 600;

/** Means of neighbours, so that a picture of a long run stays small. */
function thin(points: [number, number][]): [number, number][] {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    return [part[part.length - 1][0], part.reduce((sum, [, y]) => sum + y, 0) / part.length];
  });
}
