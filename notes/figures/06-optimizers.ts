import * as Plot from "@observablehq/plot";
import { Adam, CosineSchedule, LinearWarmup, OneCycle, SGD, StepLR } from "tensorgrad/optim";
import { color, draw, lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";
import { walk } from "../lib/valley.ts";

const STEEPNESS = 20;

/** Forty steps of three optimizers down the same valley. */
function paths(): string {
  const steps = 40;
  const walks = [
    { name: "SGD", stroke: color("ink"), points: walk((p) => new SGD(p, { lr: 0.092 }), { steps }) },
    {
      name: "with momentum",
      stroke: color("blue"),
      points: walk((p) => new SGD(p, { lr: 0.02, momentum: 0.8 }), { steps }),
    },
    { name: "Adam", stroke: color("orange"), points: walk((p) => new Adam(p, { lr: 0.5 }), { steps }) },
  ];
  const height = (x: number, y: number): number => Math.log((x * x + STEEPNESS * y * y) / 2 + 0.05);
  return draw("Forty steps down a valley", {
    height: 320,
    x: { label: "along", labelAnchor: "right", domain: [-10, 3] },
    y: { label: null, domain: [-2.6, 2.6], ticks: 5 },
    marks: [
      Plot.contour({
        x1: -10,
        x2: 3,
        y1: -2.6,
        y2: 2.6,
        fill: null,
        value: height,
        stroke: color("line"),
        thresholds: 9,
        pixelSize: 5,
      }),
      ...walks.map(({ points, stroke }) =>
        Plot.line(points, { stroke, strokeWidth: 1.5, marker: "dot", clip: true }),
      ),
      ...walks.map(({ name, stroke }, i) =>
        Plot.text([name], {
          frameAnchor: "top-right",
          dx: -8,
          dy: 6 + 17 * i,
          fill: stroke,
          fontWeight: 600,
        }),
      ),
    ],
  });
}

/** The learning rate over a run of 1000 steps. */
function schedules(): string {
  const steps = 1000;
  const all = {
    OneCycle: new OneCycle({ maxLr: 1, steps }),
    "warm-up, then cosine": new LinearWarmup(new CosineSchedule({ lr: 1, steps: 900 }), { steps: 100 }),
    StepLR: new StepLR({ lr: 1, stepSize: 300, gamma: 0.3 }),
  };
  const series = Object.entries(all).map(([name, schedule]) => ({
    name,
    points: Array.from({ length: 200 }, (_, i) => [5 * i, schedule.getLr(5 * i)] as const),
    step: schedule instanceof StepLR,
  }));
  return lineChart(series, { title: "Schedules", x: "step", y: "learning rate" });
}

interface Log {
  steps: { steepness: number; plain: number; momentum: number }[];
}

function steps(): string {
  const { steps } = readLog<Log>("06-optimizers");
  return lineChart(
    [
      { name: "gradient descent", points: steps.map(({ steepness, plain }) => [steepness, plain]) },
      { name: "with momentum", points: steps.map(({ steepness, momentum }) => [steepness, momentum]) },
    ],
    { title: "Steps to the bottom", x: "steeper across than along", y: "steps", log: true, logX: true },
  );
}

export const figures = { paths, schedules, steps };
