import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { MLP, seeded, type Value, v } from "./src/index.ts";

/**
 * Speed of the engine. Absolute figures depend on machine and neighbours; each is the median of several runs.
 *
 *   npx tsx micrograd/bench.ts
 */
export interface Throughput {
  /** Operations in the graph of one sample. */
  operations: number;
  samples: number;
  milliseconds: number;
  millionPerSecond: number;
}

/** Forward and backward of an MLP(3, [16, 16, 1]) over 100 samples, a graph per sample. */
export function throughput(runs = 31): Throughput {
  const model = new MLP(3, [16, 16, 1], { seed: 1 });
  const random = seeded(2);
  const samples = Array.from({ length: 100 }, () => [random(), random(), random()]);
  const operations = countOperations(model.forward(samples[0]!)[0]!);
  const milliseconds = medianTime(runs, () => {
    for (const x of samples) model.forward(x)[0]!.backward();
  });
  const total = operations * samples.length;
  return { operations, samples: samples.length, milliseconds, millionPerSecond: total / milliseconds / 1000 };
}

/** The same with one graph for all samples, as one summed loss makes it: now the collector has to carry it along. */
export function throughputOfOneGraph(runs = 15): Throughput {
  const model = new MLP(3, [16, 16, 1], { seed: 1 });
  const random = seeded(2);
  const samples = Array.from({ length: 100 }, () => [random(), random(), random()]);
  const sum = () => samples.map((x) => model.forward(x)[0]!).reduce((total, y) => total.add(y));
  const operations = countOperations(sum());
  const milliseconds = medianTime(runs, () => sum().backward());
  return {
    operations,
    samples: samples.length,
    milliseconds,
    millionPerSecond: operations / milliseconds / 1000,
  };
}

/** A chain of n operations, built and walked back: nanoseconds per operation, which linear growth keeps level. */
export function chain(n: number, runs = 5): number {
  const milliseconds = medianTime(runs, () => {
    const x = v(1);
    let y = x;
    for (let i = 0; i < n; i++) y = y.mul(x);
    y.backward();
  });
  return (milliseconds / n) * 1e6;
}

/** How much longer a forward and a backward pass take than the forward pass alone. */
export function costOfGradient(runs = 31): number {
  const model = new MLP(3, [16, 16, 1], { seed: 1 });
  const repeat = (f: () => void) => () => {
    for (let i = 0; i < 100; i++) f();
  };
  const forward = medianTime(
    runs,
    repeat(() => model.forward([1, 2, 3])),
  );
  const both = medianTime(
    runs,
    repeat(() => model.forward([1, 2, 3])[0]!.backward()),
  );
  return both / forward;
}

export function countOperations(root: Value): number {
  const seen = new Set([root]);
  for (const node of seen) for (const input of node.prev) seen.add(input);
  return [...seen].filter((node) => node.op).length;
}

export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Node ${process.version.slice(1)}`;
}

/** The median, after a warm-up of a third of the runs. */
function medianTime(runs: number, f: () => void): number {
  const times: number[] = [];
  for (let run = -Math.ceil(runs / 3); run < runs; run++) {
    const start = performance.now();
    f();
    if (run >= 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

function main(): void {
  const line = ({ operations, milliseconds, millionPerSecond }: Throughput) =>
    `${operations} operations a graph, ${milliseconds.toFixed(1)} ms: ${millionPerSecond.toFixed(1)} M operations/s`;
  console.log(machine());
  console.log(`MLP(3, [16, 16, 1]), 100 samples, a graph each: ${line(throughput())}`);
  console.log(`                                  one graph: ${line(throughputOfOneGraph())}`);
  console.log(`forward and backward: ${costOfGradient().toFixed(1)} × forward`);
  for (const n of [1e3, 1e4, 1e5, 1e6]) console.log(`chain of ${n}: ${chain(n).toFixed(0)} ns per operation`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
