import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import { exampleOptions, finish, isMain, readable } from "./lib/options.ts";

/** What became of one example; `problem` is empty when it passed. */
export interface Row {
  name: string;
  result: string;
  problem: string;
  seconds: number;
}

const TIME_LIMIT_MS = 15 * 60_000;
const here = fileURLToPath(new URL(".", import.meta.url));

/** Every program beside this one, in the order of the track: numbered milestones after the rest. */
export function exampleScripts(folder = here): string[] {
  return readdirSync(folder)
    .filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== basename(import.meta.url),
    )
    .sort((a, b) => Number(/^\d/.test(a)) - Number(/^\d/.test(b)) || a.localeCompare(b))
    .map((file) => join(folder, file));
}

/** Runs one example in a process of its own and reads the JSON object on its last line. */
export function runExample(script: string, args: readonly string[]): Row {
  const started = performance.now();
  const child = spawnSync(process.execPath, ["--import", "tsx", script, ...args], {
    cwd: join(here, ".."), // where `tsx` and the tsconfig with the packages' names are found
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    timeout: TIME_LIMIT_MS,
  });
  const seconds = (performance.now() - started) / 1000;
  const outcome = lastObject(child.stdout ?? "");
  const problem = problemOf(child, outcome);
  // The summary line is enough of a success; of a failure everything may matter.
  if (problem !== "") process.stderr.write(`${child.stdout ?? ""}${child.stderr ?? ""}`);
  return { name: basename(script, ".ts"), result: brief(outcome), problem, seconds };
}

function main(): void {
  const { seed, json, full } = exampleOptions<{ full?: boolean }>(
    "run-all",
    "Runs every example, one by one",
    [new Option("--full", "at full length, as one would run them by hand; quick is the default")],
  );
  const scripts = exampleScripts();
  const args = [...(full ? [] : ["--quick"]), "--seed", String(seed), "--json"];
  const width = Math.max(...scripts.map((script) => basename(script, ".ts").length));
  const rows = scripts.map((script) => {
    const row = runExample(script, args);
    const verdict = row.problem === "" ? row.result : `FAILED: ${row.problem}`;
    console.log(`${row.name.padEnd(width)}  ${row.seconds.toFixed(1).padStart(6)} s  ${verdict}`);
    return row;
  });
  const failed = rows.filter((row) => row.problem !== "");
  finish({
    json,
    result: { examples: rows.length, passed: rows.length - failed.length },
    misses: failed.map(({ name, problem }) => `${name}: ${problem}`),
  });
}

function problemOf(child: ReturnType<typeof spawnSync>, outcome: Record<string, unknown> | null): string {
  if (child.error) return child.error.message;
  if (child.signal) return `ended by ${child.signal}`;
  const misses = Array.isArray(outcome?.misses) ? outcome.misses.map(String) : [];
  if (child.status !== 0) return [`exit code ${child.status}`, ...misses].join("; ");
  return outcome === null ? "the last line is not a JSON object" : "";
}

/** The JSON object on the last line, or null. */
function lastObject(output: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(output.trimEnd().split("\n").at(-1)!);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The first few numbers of a result on one line. */
function brief(outcome: Record<string, unknown> | null): string {
  return Object.entries(outcome ?? {})
    .filter(([, value]) => typeof value === "number" || typeof value === "string")
    .slice(0, 5)
    .map(([key, value]) => `${key} ${readable(value)}`)
    .join(" · ");
}

if (isMain(import.meta.url)) main();
