import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { writeDurably } from "tensorgrad/runtime/node";
import { root } from "./markdown.ts";
import { drawing } from "./test-projects.ts";

/**
 * Runs every quick test that draws (its seed is fixed otherwise) with seeds of its own, one after the other, and logs
 * what failed. Tests that draw nothing give the same with every seed, and are left out. A log goes on where it ended; to begin
 * anew, delete it.
 */
const command = new Command("seeds")
  .option("--from <seed>", "the first seed", whole, 1000)
  .option("--count <n>", "how many seeds, one after the other", whole, 50)
  .option("--log <file>", "where the outcome is written", "notes/logs/seeds.json");
const { from, count, log } = command
  .parse()
  .opts<{ readonly from: number; readonly count: number; readonly log: string }>();

interface Failure {
  readonly seed: number;
  readonly test: string;
  readonly message: string;
}
/** What Vitest's JSON reporter says, as far as it is needed. */
interface Outcome {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const path = resolve(root, log);
const files = drawing(root);
const { seeds, failures } = begun();
for (let seed = from; seed < from + count; seed++) {
  if (seeds.includes(seed) && !failures.some((one) => one.seed === seed)) continue;
  const { tests, failed, seconds } = run(seed);
  note(seed, failed);
  console.log(`seed ${seed}: ${tests} tests, ${failed.length} failed, ${seconds.toFixed(0)} s`);
  for (const { test, message } of failed) console.log(`  ${test}\n${message.replaceAll(/^/gm, "    ")}`);
  const date = new Date().toISOString().slice(0, 10);
  const result = { date, node: process.version, files: files.length, tests, seeds, failures };
  mkdirSync(dirname(path), { recursive: true });
  await writeDurably(path, `${JSON.stringify(result, null, 1)}\n`);
}
console.log(`${seeds.length} seeds in ${log}, ${failures.length} failures`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** What earlier runs have logged: seeds that held are not run again, those that failed are. */
function begun(): { seeds: number[]; failures: Failure[] } {
  if (!existsSync(path)) return { seeds: [], failures: [] };
  return JSON.parse(readFileSync(path, "utf8")) as { seeds: number[]; failures: Failure[] };
}

/** In place of what the same seed gave before. */
function note(seed: number, failed: readonly Failure[]): void {
  if (!seeds.includes(seed)) seeds.push(seed);
  const others = failures.filter((one) => one.seed !== seed);
  failures.splice(0, failures.length, ...others, ...failed);
}

function run(seed: number): { tests: number; failed: Failure[]; seconds: number } {
  const started = performance.now();
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const options = ["run", "--project", "quick", "--project", "alone", "--reporter", "json", ...files];
  const { stdout, stderr } = spawnSync(process.execPath, [vitest, ...options], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, VERIFY_SEED: String(seed) },
  });
  const seconds = (performance.now() - started) / 1000;
  const start = stdout.indexOf('{"numTotal');
  if (start < 0) throw new Error(`seeds: no result for seed ${seed}\n${stdout}${stderr}`);
  const { numTotalTests, testResults } = JSON.parse(stdout.slice(start)) as Outcome;
  const failed = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const each = assertionResults
      .filter((one) => one.status === "failed")
      .map(({ fullName, failureMessages }) => ({
        test: `${relative(root, name)}: ${fullName}`,
        message: failureMessages.join("\n"),
      }));
    if (each.length === 0 && status === "failed") each.push({ test: relative(root, name), message });
    return each.map((one) => ({ seed, ...one, message: one.message.slice(0, 2000) }));
  });
  return { tests: numTotalTests, failed, seconds };
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number");
}
