import * as Plot from "@observablehq/plot";
import { Random } from "tensorgrad";
import { Compose, RandomCrop, RandomHorizontalFlip, SyntheticDigits, type Transform } from "tensorgrad/data";
import { color, draw, lineChart } from "tensorgrad/plots";
import { type Ink, inkMark } from "../lib/ink.ts";
import { readLog } from "../lib/logs.ts";

const digits = new SyntheticDigits({ count: 40, random: new Random(4) });
const crop = new RandomCrop(28, { padding: 4 });
const both = new Compose([crop, new RandomHorizontalFlip(1)]);

/** A 2 as five passes over the data show it. */
function passes(transform: Transform, x: number, y: number): Ink[] {
  const two = Array.from(digits.labels).indexOf(2);
  const image = digits.batch([two]).x; // [1, 1, 28, 28]
  return [1, 2, 3, 4, 5].map((pass) => ({
    ink: transform.apply(image, { random: new Random(pass) }).data,
    ...{ columns: 28, x: x + 72 * (pass - 1), y },
  }));
}

/** One digit as it is, and as transforms make it. */
function augmented(): string {
  const original = passes(new Compose([]), 6, 62).slice(0, 1);
  const titles = [
    { text: "the image", x: 6, y: 52 },
    { text: "RandomCrop(28, { padding: 4 }): five passes", x: 96, y: 52 },
    { text: "then RandomHorizontalFlip(1): no longer a 2", x: 96, y: 154 },
  ];
  return draw("What a model is shown", {
    height: 232,
    ...{ marginTop: 30, marginLeft: 4, marginRight: 4, marginBottom: 4 },
    ...{ x: { type: "identity", axis: null }, y: { type: "identity", axis: null } },
    marks: [
      inkMark([...original, ...passes(crop, 96, 62), ...passes(both, 96, 164)], 2.3),
      Plot.text(titles, { x: "x", y: "y", text: "text", textAnchor: "start", fill: color("muted") }),
    ],
  });
}

interface Span {
  readonly lane: number;
  readonly work: "load" | "step";
  readonly batch: number;
  readonly begin: number;
  readonly end: number;
}

interface Log {
  noise: { points: { size: number; independent: number; passes: number }[] };
  workers: { timelines: { workers: number; spans: Span[] }[] };
}

const LANE = 24;

/** Who loads and who trains when, without and with workers. */
function timeline(): string {
  const { timelines } = readLog<Log>("08-data").workers;
  const tops = timelines.map((_, i) => timelines.slice(0, i).reduce((y, { workers }) => y + workers + 2, 0));
  const spans = timelines.flatMap(({ spans }, i) =>
    spans.map((span) => ({ ...span, y: tops[i] + 0.9 + span.lane })),
  );
  const headings = timelines.map(({ workers }, i) => ({ text: `workers: ${workers}`, y: tops[i] + 0.45 }));
  const lanes = timelines.flatMap(({ workers }, i) =>
    Array.from({ length: workers + 1 }, (_, lane) => ({
      text: lane === 0 ? "trainer" : `worker ${lane - 1}`,
      y: tops[i] + 1.4 + lane,
    })),
  );
  const rows = tops[tops.length - 1] + timelines[timelines.length - 1].workers + 2;
  return draw("Loading (blue) and training (orange), batch by batch", {
    height: rows * LANE + 78,
    ...{ marginTop: 34, marginLeft: 68 },
    x: { label: "ms", labelAnchor: "right", ticks: 5 },
    y: { axis: null, domain: [rows, 0] },
    marks: [
      Plot.rect(spans, {
        x1: "begin",
        x2: "end",
        y1: "y",
        y2: ({ y }: { y: number }) => y + 1,
        inset: 1,
        fill: ({ work }: Span) => color(work === "load" ? "blue" : "orange"),
      }),
      Plot.text(
        spans.filter(({ begin, end }) => end - begin > 7),
        {
          x: ({ begin, end }) => (begin + end) / 2,
          y: ({ y }) => y + 0.5,
          ...{ text: "batch", fill: color("panel"), fontWeight: 600, fontSize: 11 },
        },
      ),
      Plot.text(headings, {
        ...{ frameAnchor: "left", y: "y", text: "text", dx: -64, textAnchor: "start" },
        ...{ fill: color("ink"), fontWeight: 600 },
      }),
      Plot.text(lanes, {
        ...{ frameAnchor: "left", y: "y", text: "text", dx: -8, textAnchor: "end", fill: color("muted") },
      }),
    ],
  });
}

/** How far a batch's gradient is from that of all data, over the size of the batch. */
function noise(): string {
  const { points } = readLog<Log>("08-data").noise;
  const of = (name: "independent" | "passes") => points.map((point) => [point.size, point[name]] as const);
  return lineChart(
    [
      { name: "drawn independently", points: of("independent") },
      { name: "batches of shuffled passes", points: of("passes") },
    ],
    {
      ...{ title: "Variance of a batch's gradient, 1024 examples", log: true, logX: true },
      ...{ x: "batch size", y: "share of one example's" },
    },
  );
}

export const figures = { augmented, timeline, noise };
