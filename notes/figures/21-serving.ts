import { Random } from "tensorgrad";
import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

const SERVICE = 20; // of a batch, in ms, however many rows it has
const REQUESTS = 20_000;

/** The mean time in a queue of one engine: random arrivals, and a batch of all who wait, up to so many. */
function meanWait(perSecond: number, maxBatch: number, random: Random): number {
  const gap = () => (-1000 * Math.log(1 - random.uniform())) / perSecond;
  const arrivals: number[] = [];
  for (let at = gap(); arrivals.length < REQUESTS; at += gap()) arrivals.push(at);
  let [sum, free, next] = [0, 0, 0];
  while (next < REQUESTS) {
    const start = Math.max(free, arrivals[next]);
    free = start + SERVICE;
    for (const end = next + maxBatch; next < Math.min(end, REQUESTS) && arrivals[next] <= start; next++)
      sum += free - arrivals[next];
  }
  return sum / REQUESTS;
}

/** What a server measured at one load, in ms. */
interface Measured {
  readonly maxBatch: number;
  readonly perSecond: number;
  readonly meanMs: number;
}

/** Latency over load, one by one and in batches, beside the formula and a server that was asked. */
function knee(): string {
  const random = new Random(1);
  const over = (loads: readonly number[], mean: (perSecond: number) => number) =>
    loads.map((perSecond) => [perSecond, mean(perSecond)] as const);
  const [few, many] = [
    [2, 10, 20, 30, 40, 45, 48],
    [2, 10, 25, 50, 100, 200, 300, 350, 385],
  ];
  const formula = (perSecond: number): number => {
    const load = (perSecond * SERVICE) / 1000;
    return SERVICE + (SERVICE * load) / (2 * (1 - load));
  };
  const { knee } = readLog<{ readonly knee: readonly Measured[] }>("21-serving");
  const measured = (maxBatch: number) =>
    knee
      .filter((one) => one.maxBatch === maxBatch && one.perSecond * SERVICE < 1000 * maxBatch)
      .map(({ perSecond, meanMs }) => [perSecond, meanMs] as const);
  return lineChart(
    [
      { name: "one by one", points: over(few, (rate) => meanWait(rate, 1, random)) },
      { name: "formula", points: over(few, formula) },
      { name: "up to 8 together", points: over(many, (rate) => meanWait(rate, 8, random)) },
      { name: "measured, one by one", points: measured(1) },
      { name: "measured, up to 8", points: measured(8) },
    ],
    {
      title: "Where the knee is",
      x: "requests a second",
      y: "mean time to the answer (ms)",
      log: true,
      logX: true,
    },
  );
}

export const figures = { knee };
