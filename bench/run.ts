/**
 * Measures this library and its peers: `npm run bench -- --help` says how. A table goes to the terminal, everything
 * to `out/bench.json`. What a contender does not have, or cannot do on this machine, is null.
 */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Machine, machine, significant } from "tensorgrad/benchmarking";
import { writeDurably } from "tensorgrad/runtime/node";
import { against } from "./against.ts";
import { type Options, readArguments, USAGE } from "./arguments.ts";
import { allCases, type Case, quickCases, workloadOf } from "./cases.ts";
import { compareFiles } from "./compare.ts";
import { type Contender, contenders } from "./contenders.ts";
import { type Effort, measureCase, mediansOf } from "./measure.ts";
import { ContenderProcess } from "./process.ts";
import { startup } from "./startup.ts";
import { summarize, wantedIn } from "./summary.ts";
import { type Result, table } from "./table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A quick run promises to end within 50 s, the start of npm included; one of a single workload within 60 s. */
const QUICK_MS = 34_000;
const SINGLE_MS = 42_000;

async function main(): Promise<void> {
  if (process.argv.includes("--help")) return console.log(USAGE);
  if (process.argv[2] === "compare") return compareFiles(process.argv.slice(3));
  const options = readArguments(process.argv.slice(2));
  if (options.against !== null) return against(options);
  if (options.installPeers) return installPeers();
  const { only, filter } = options;
  const wanted = ({ name, work }: Case): boolean =>
    name.includes(filter) && (only.length === 0 || only.some((workload) => workload === workloadOf(work)));
  const cases = (options.quick ? quickCases : allCases).filter(wanted);
  if (cases.length === 0)
    throw new RangeError(`bench: --filter "${filter}" — no case has such a name among those chosen`);
  const processes = choose(options).map((one) => new ContenderProcess(one));
  try {
    await Promise.all(processes.map((one) => one.start(options.quick ? 20_000 : 120_000)));
    const results = await measureAll(cases, processes, effort(options));
    const importMs = options.quick || options.filter ? null : startup(options.rounds);
    await report(options, results, processes, importMs);
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
  }
}

function choose({ threads, quick, only, contenders: names }: Options) {
  const all = contenders(threads);
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(", ");
    throw new RangeError(`bench: --contenders ${unknown} — no such contender; they are ${known}`);
  }
  const isWanted = ({ name }: Contender): boolean =>
    only.length === 0 || only.some((workload) => wantedIn[workload].includes(name));
  const isQuick = ({ slow }: Contender): boolean =>
    !slow || (slow !== true && only.length > 0 && only.every((workload) => slow.includes(workload)));
  const inQuick = (one: Contender): boolean => isWanted(one) && isQuick(one);
  return all.filter((one) => (names.length > 0 ? names.includes(one.name) : !quick || inQuick(one)));
}

function effort({ quick, only, rounds, minutes }: Options): Effort {
  return {
    rounds,
    milliseconds: quick ? 40 : 100,
    limit: quick ? 10_000 : 120_000,
    deadline: quick ? (only.length === 1 ? SINGLE_MS : QUICK_MS) : minutes * 60_000,
    now: () => performance.now(), // the clock starts with the process
  };
}

async function measureAll(
  cases: readonly Case[],
  processes: readonly ContenderProcess[],
  limits: Effort,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [done, one] of cases.entries()) {
    progress(`${done + 1}/${cases.length} ${one.name}`);
    const samples = await measureCase(one, processes, limits, cases.length - done);
    results.push({ case: one, seconds: mediansOf(samples), samples });
  }
  progress("");
  return results;
}

/** One line that overwrites itself, for people only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function report(
  options: Options,
  results: readonly Result[],
  processes: readonly ContenderProcess[],
  importMs: number | null,
): Promise<void> {
  const where = machine(options.threads);
  const summary = summarize(results);
  const who = processes.map(({ name, description, absent, failures }) => ({
    name,
    description,
    absent,
    failures,
  }));
  console.log(headline(where, options.rounds));
  console.log(`\n${table(results)}\n`);
  if (importMs !== null) console.log(`import until the first matmul: ${significant(importMs)} ms`);
  for (const { name, absent, failures } of who) {
    if (absent) console.log(`without ${name}: ${absent}`);
    for (const failure of failures) console.log(`${name} failed: ${failure}`);
  }
  mkdirSync(join(root, "out"), { recursive: true });
  const everything = {
    run: randomUUID(),
    date: new Date().toISOString(),
    machine: where,
    options,
    contenders: who,
    importMs,
    results,
    summary,
  };
  await writeDurably(join(root, "out/bench.json"), `${JSON.stringify(everything, null, 2)}\n`);
  if (options.json) console.log(JSON.stringify({ ...summary, machine: where }));
}

const headline = ({ cpu, cores, platform, node, threads }: Machine, rounds: number): string =>
  `${cpu}, ${cores} cores, ${platform}, Node ${node}; several threads means ${threads}; medians of ${rounds} interleaved rounds`;

/** Into a folder of their own, so that nobody who only uses or tests the library downloads them. */
function installPeers(): void {
  const folder = join(root, "bench/peers");
  const run = spawnSync("npm", ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (run.status === 0) return;
  process.exitCode = 1;
  console.error(
    "bench: npm could not install the peers — the registry must be reachable; without them they are null",
  );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
