import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDurablySync } from "tensorgrad/runtime/node";
import { trainXor } from "../../examples/xor.ts";
import {
  chain,
  costOfGradient,
  machine,
  type Throughput,
  throughput,
  throughputOfOneGraph,
} from "../../micrograd/bench.ts";
import { toSvg, v } from "../../micrograd/src/index.ts";
import { checkScalarCase, type ScalarResult, scalarCases } from "../../verify/src/index.ts";

/**
 * Everything in the README that a snippet does not print: `log.json`, the tables made from it, and the figures.
 *
 *   npx tsx notes/measure/micrograd.ts              about half a minute; writes log.json, figures/ and the README's tables
 *   npx tsx notes/measure/micrograd.ts onnxRuntime  measures that entry of the log only
 */
const folder = join(dirname(fileURLToPath(import.meta.url)), "../../micrograd");

export interface XorLog {
  steps: number;
  /** By seed: the step from which on all four were right, and the loss before the last step. */
  runs: { solvedAt: number | null; loss: number }[];
  solved: number;
  bestLinearAccuracy: number;
}

export interface Log {
  date: string;
  machine: string;
  xor: XorLog;
  throughput: Throughput;
  throughputOfOneGraph: Throughput;
  costOfGradient: number;
  chain: { operations: number; nanoseconds: number }[];
  /** What the engine and ONNX Runtime agree on, graph by graph. */
  onnxRuntime: Pick<ScalarResult, "name" | "passed" | "values" | "gradients" | "largest">[];
}

export function measureXor(seeds: number): XorLog {
  const log: XorLog = { steps: 500, solved: 0, bestLinearAccuracy: 0, runs: [] };
  for (let seed = 0; seed < seeds; seed++) {
    let solvedAt = 0;
    const run = trainXor({
      seed,
      steps: log.steps,
      onStep: ({ step, accuracy }) => {
        if (accuracy < 1) solvedAt = step + 1;
      },
    });
    const isSolved = run.accuracy === 1;
    const loss = Number(run.losses.at(-1)!.toPrecision(6));
    log.runs.push({ solvedAt: isSolved ? solvedAt : null, loss });
    log.solved += Number(isSolved);
    log.bestLinearAccuracy = Math.max(log.bestLinearAccuracy, run.linearAccuracy);
  }
  return log;
}

export async function measureOnnxRuntime(rows = scalarCases): Promise<Log["onnxRuntime"]> {
  const log: Log["onnxRuntime"] = [];
  for (const row of rows) {
    const { name, passed, values, gradients, largest } = await checkScalarCase(row, { seed: 1, runs: 200 });
    log.push({ name, passed, values, gradients, largest: Number(largest.toPrecision(2)) });
  }
  return log;
}

const round = (t: Throughput): Throughput => ({
  ...t,
  milliseconds: Number(t.milliseconds.toPrecision(3)),
  millionPerSecond: Number(t.millionPerSecond.toPrecision(2)),
});

/** How each entry of the log is measured. */
const entries: { [K in keyof Log]: () => Log[K] | Promise<Log[K]> } = {
  date: () => new Date().toISOString().slice(0, 10),
  machine,
  throughput: () => round(throughput(101)),
  throughputOfOneGraph: () => round(throughputOfOneGraph()),
  costOfGradient: () => Number(costOfGradient().toPrecision(2)),
  chain: () => [1e3, 1e4, 1e5, 1e6].map((n) => ({ operations: n, nanoseconds: Math.round(chain(n)) })),
  xor: () => measureXor(100),
  onnxRuntime: () => measureOnnxRuntime(),
};

/** The log with these entries measured anew. */
async function measure(names: readonly string[]): Promise<Log> {
  const measured: Record<string, unknown> = { ...readLog() };
  for (const [name, run] of Object.entries(entries)) {
    if (names.includes(name)) measured[name] = await run();
  }
  return measured as unknown as Log;
}

/** The README's tables, by the name in their marker. */
export function tables({ xor, ...log }: Log): Record<string, string> {
  const sorted = (list: number[]) => list.sort((a, b) => a - b);
  const solvedAt = sorted(xor.runs.map((run) => run.solvedAt).filter((step) => step !== null));
  const losses = sorted(xor.runs.map(({ loss }) => loss));
  const middle = <T>(list: readonly T[]): T => list[Math.floor(list.length / 2)]!;
  const seeds = xor.runs.length;
  const speed = ({ milliseconds, millionPerSecond }: Throughput) =>
    `${milliseconds} ms, ${millionPerSecond.toFixed(1)} million operations/s`;
  const count = (n: number) => n.toLocaleString("en-US");
  return {
    xor: table(
      ["XOR with MLP(2, [8, 1]), seeds 0 to 99", ""],
      ["all four right after 500 steps", `${xor.solved} of ${seeds} seeds`],
      ["steps until all four are right for good", `median ${middle(solvedAt)}, worst ${solvedAt.at(-1)}`],
      [
        "loss after 500 steps, nats",
        `median ${middle(losses).toFixed(4)}, worst ${losses.at(-1)!.toFixed(4)}`,
      ],
      ["a linear model, best of all seeds and steps", `${xor.bestLinearAccuracy * 4}/4`],
    ),
    speed: table(
      [`MLP(3, [16, 16, 1]) on 100 samples, ${log.machine}`, "median"],
      [
        `forward and backward, a graph per sample (${log.throughput.operations} operations)`,
        speed(log.throughput),
      ],
      [
        `the same as one graph (${count(log.throughputOfOneGraph.operations)} operations)`,
        speed(log.throughputOfOneGraph),
      ],
      ["forward and backward against forward alone", `${log.costOfGradient.toFixed(1)} times`],
    ),
    chain: table(
      ["operations in a chain", ...log.chain.map(({ operations }) => count(operations))],
      ["built and walked back, ns per operation", ...log.chain.map(({ nanoseconds }) => String(nanoseconds))],
    ),
    onnx: table(
      ["micrograd beside ONNX Runtime, float64", "numbers compared", "largest difference"],
      ...log.onnxRuntime.map(({ name, values, gradients, largest }) => [
        name.replace("micrograd: ", ""),
        gradients ? `${count(values)} values, ${count(gradients)} gradients` : `${values} parameters`,
        largest === 0 ? "none" : largest.toExponential(1),
      ]),
    ),
  };
}

function table(...rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [rows[0]!, rule, ...rows.slice(1)].map(line).join("\n");
}

/** The text with each `<!-- measured: name -->` … `<!-- end -->` filled from the log. */
export function fillTables(text: string, log: Log): string {
  const made = tables(log);
  return text.replace(
    /(<!-- measured: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, head: string, name: string, tail: string) => {
      if (made[name] === undefined)
        throw new RangeError(`README: no table is called ${name} — there are ${Object.keys(made)}`);
      return `${head}\n${made[name]}\n\n${tail}`;
    },
  );
}

/** The README's pictures, by file name. */
export async function figures(): Promise<Record<string, string>> {
  const a = v(1, "a");
  const b = a.add(a);
  const c = b.add(b);
  b.label = "b";
  c.label = "c";
  c.backward();

  const x = [v(1, "x1"), v(-2, "x2")];
  const w = [v(0.5, "w1"), v(-0.25, "w2")];
  const y = x[0]!.mul(w[0]!).add(x[1]!.mul(w[1]!)).add(v(0.1, "b")).tanh();
  y.label = "y";
  y.backward();

  return { "diamond.svg": await toSvg(c), "neuron.svg": await toSvg(y) };
}

export function readLog(): Log {
  return JSON.parse(readFileSync(join(folder, "log.json"), "utf8")) as Log;
}

function write(file: string, text: string): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeDurablySync(path, text);
  console.log(`wrote micrograd/${file}`);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in entries));
  if (unknown.length > 0)
    throw new RangeError(
      `micrograd.ts ${unknown.join(" ")}: not in the log — it has ${Object.keys(entries)}`,
    );
  const log = await measure(wanted.length > 0 ? wanted : Object.keys(entries));
  write("log.json", `${JSON.stringify(log, null, 2)}\n`);
  for (const [name, svg] of Object.entries(await figures())) write(`figures/${name}`, svg);
  write("README.md", fillTables(readFileSync(join(folder, "README.md"), "utf8"), log));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
