import { barChart, lineChart } from "tensorgrad/plots";
import type { Astray } from "../lib/forgotten.ts";
import { readLog } from "../lib/logs.ts";

interface Log {
  batchSizes: { points: { batch: number; steps: number; predicted: number }[] };
  memory: { points: { batch: number; whole: number; inParts: number }[] };
  stopping: { curve: [epoch: number, train: number, validation: number][]; stopped: number };
  finder: { lrs: number[]; losses: number[]; smoothed: number[]; suggestion: number };
  forgotten: Record<string, Astray>;
}
const log = readLog<Log>("07-training");

/** The point of a line at x, to be named. */
const mark = (name: string, x: number, points: readonly (readonly [number, number])[]) => ({
  name,
  points: points.filter(([at]) => at === x),
});

function stopping(): string {
  const { curve, stopped } = log.stopping;
  const validation = curve.map(([epoch, , loss]) => [epoch, loss] as const);
  const series = [
    { name: "training", points: curve.map(([epoch, loss]) => [epoch, loss] as const) },
    { name: "validation", points: validation },
    mark("● early stopping", stopped, validation),
  ];
  return lineChart(series, { title: "When to stop", x: "epoch", y: "loss (nats)" });
}

function finder(): string {
  const { lrs, losses, smoothed, suggestion } = log.finder;
  const over = (values: readonly number[]) => values.map((value, i) => [lrs[i], value] as const);
  const series = [
    { name: "loss of a step", points: over(losses), faint: true },
    { name: "running mean", points: over(smoothed) },
    mark("● steepest", suggestion, over(smoothed)),
  ];
  const title = "Search for a learning rate";
  return lineChart(series, { title, x: "learning rate", y: "loss (nats)", logX: true });
}

function steps(): string {
  const { points } = log.batchSizes;
  const series = [
    { name: "measured", points: points.map(({ batch, steps }) => [batch, steps] as const) },
    { name: "S·(1 + B*/B)", points: points.map(({ batch, predicted }) => [batch, predicted] as const) },
  ];
  const title = "Steps to the same loss";
  return lineChart(series, { title, x: "examples per batch", y: "steps", log: true, logX: true });
}

function memory(): string {
  const { points } = log.memory;
  const series = [
    { name: "in one piece", points: points.map(({ batch, whole }) => [batch, whole] as const) },
    { name: "in eight parts", points: points.map(({ batch, inParts }) => [batch, inParts] as const) },
  ];
  return lineChart(series, {
    title: "Memory of one step",
    x: "examples per step",
    y: "MB at most",
    logX: true,
  });
}

/** What a resumed training loses, in the order of the damage. */
function forgotten(): string {
  const names: Readonly<Record<string, string>> = {
    nothing: "nothing",
    order: "the order of the pass",
    random: "the generator",
    oneBatch: "one batch (off by one)",
    stepCounts: "Adam's step counts",
    moments: "Adam's moments",
    schedule: "the schedule's step",
  };
  const bars = Object.entries(names).map(([key, name]) => ({
    name,
    value: Number((100 * log.forgotten[key].distance).toFixed(1)),
    strong: key === "nothing",
  }));
  return barChart(bars, {
    title: "What a resume forgot",
    x: "% away from the right weights",
    marginLeft: 160,
  });
}

export const figures = { stopping, finder, steps, memory, forgotten };
