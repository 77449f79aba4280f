import { showBytes } from "../00-runtime/index.ts";
import { renderPage, type ScatterPoint, scatter, type Table } from "../plots/index.ts";
import type { Comparison, Metric, ModelResult } from "./comparison.ts";
import { type Better, paretoFront } from "./pareto.ts";
import { type Interval, significant } from "./statistics.ts";

/** One number of a result: how it is called, read, and written. */
interface Column {
  readonly metric: Metric;
  readonly label: string;
  readonly better: Better;
  readonly of: (result: ModelResult) => number | Interval | null;
  readonly show: (value: number) => string;
}

const text = (value: number): string => String(significant(value));

const COLUMNS: readonly Column[] = [
  {
    metric: "accuracy",
    label: "accuracy",
    better: "more",
    of: (r) => r.accuracy,
    show: (x) => x.toPrecision(4),
  },
  { metric: "latency", label: "latency (ms)", better: "less", of: (r) => r.latency, show: text },
  { metric: "throughput", label: "throughput (1/s)", better: "more", of: (r) => r.throughput, show: text },
  { metric: "memory", label: "memory (bytes)", better: "less", of: (r) => r.memory, show: showBytes },
  { metric: "size", label: "size (bytes)", better: "less", of: (r) => r.size, show: showBytes },
  { metric: "energy", label: "energy (J)", better: "less", of: (r) => r.energy, show: text },
];

const numberOf = (value: number | Interval | null): number =>
  value === null ? Number.NaN : typeof value === "number" ? value : value.estimate;

const columnsOf = ({ metrics, results }: Comparison): Column[] =>
  COLUMNS.filter(
    (one) =>
      (metrics.includes(one.metric) || one.metric === "size") && results.some((r) => one.of(r) !== null),
  );

/** Names of the models that no other beats in all metrics that were asked for. */
export function frontOf(comparison: Comparison): string[] {
  const metrics = columnsOf(comparison).filter(({ metric }) => comparison.metrics.includes(metric));
  const axes = metrics.map(({ of, better }) => ({ of: (r: ModelResult) => numberOf(of(r)), better }));
  return paretoFront(comparison.results, axes).map(({ name }) => name);
}

export function tableOf(comparison: Comparison): Table {
  const columns = columnsOf(comparison);
  const front = frontOf(comparison);
  const cell = ({ of, show }: Column, result: ModelResult): string => {
    const value = of(result);
    if (value === null) return "–";
    return typeof value === "number"
      ? show(value)
      : `${show(value.estimate)} (${show(value.low)}–${show(value.high)})`;
  };
  const speedup = ({ speedup }: ModelResult): string =>
    speedup ? `${text(speedup.ratio)}× (${text(speedup.low)}–${text(speedup.high)})` : "–";
  return {
    head: ["model", ...columns.map(({ label }) => label), "speed", "unbeaten"],
    rows: comparison.results.map((r) => [
      r.name,
      ...columns.map((column) => cell(column, r)),
      speedup(r),
      front.includes(r.name) ? "yes" : "",
    ]),
  };
}

/** Pairs of metrics that are worth a picture, where both were measured. */
const PAIRS: readonly (readonly [x: Metric, y: Metric])[] = [
  ["size", "accuracy"],
  ["latency", "accuracy"],
  ["memory", "throughput"],
  ["latency", "throughput"],
];

/** An SVG for each pair of metrics, by name: `accuracy by size`. */
export function plotsOf(comparison: Comparison): Record<string, string> {
  const columns = columnsOf(comparison);
  const found = (metric: Metric): Column | undefined => columns.find((one) => one.metric === metric);
  return Object.fromEntries(
    PAIRS.flatMap(([x, y]) => {
      const [across, up] = [found(x), found(y)];
      if (!across || !up) return [];
      const title = `${y} by ${x}`;
      return [[title, scatter(pointsOf(comparison, across, up), { title, x: across.label, y: up.label })]];
    }),
  );
}

function pointsOf({ results }: Comparison, x: Column, y: Column): ScatterPoint[] {
  const axes = [x, y].map(({ of, better }) => ({ of: (r: ModelResult) => numberOf(of(r)), better }));
  const front = new Set(paretoFront(results, axes));
  return results.map((result) => {
    const value = y.of(result);
    const range = value !== null && typeof value === "object" ? { low: value.low, high: value.high } : {};
    return {
      name: result.name,
      x: axes[0].of(result),
      y: axes[1].of(result),
      front: front.has(result),
      ...range,
    };
  });
}

/** Under what the numbers were taken, in a sentence. */
function conditions({ machine, rounds }: Comparison): string {
  const { cpu, cores, platform, node, threads } = machine;
  return (
    `${cpu}, ${cores} cores, ${platform}, Node ${node}, ${threads} threads; medians of ${rounds} interleaved rounds, in parentheses the ` +
    "intervals that hold the true value in 95 of 100 measurements; speed against the first model."
  );
}

export function htmlOf(comparison: Comparison, title: string): string {
  const figures = Object.entries(plotsOf(comparison)).map(([name, svg]) => ({
    svg,
    caption: `${name}; the dashed line joins the models that nothing beats in both.`,
  }));
  return renderPage({
    title,
    lead: conditions(comparison),
    summary: [],
    sections: [
      { title: "Models", table: tableOf(comparison) },
      ...(figures.length > 0 ? [{ title: "Trade-offs", figures }] : []),
    ],
  });
}

export function markdownOf(comparison: Comparison, title: string): string {
  const { head, rows } = tableOf(comparison);
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((one) => String(one).replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    `# ${title}`,
    "",
    conditions(comparison),
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
    "",
  ].join("\n");
}
