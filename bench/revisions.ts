/**
 * Is this revision as fast as an earlier one? `npx tsx bench/revisions.ts FOLDER [--rounds N] [--filter TEXT] [--threads N]
 * [--blas] [--log FILE]`.
 *
 * FOLDER is a checkout of the earlier revision with its packages and kernels in place:
 *
 *   git worktree add --detach ../before REVISION && cd ../before && npm ci && npm run build:kernels
 *
 * One program measures both: the present contender, once over the sources of this checkout and once over the other's, each in a
 * process of its own, their rounds in turns. The exit code is 1 if a ratio's 95 % interval lies below 0.97.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "tensorgrad/runtime";
import { writeDurably } from "tensorgrad/runtime/node";
import { type Case, revisionCases } from "./cases.ts";
import { contenders } from "./contenders.ts";
import { machine } from "./machine.ts";
import { ContenderProcess } from "./process.ts";
import { type Ratio, ratioOf, significant } from "./statistics.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
/** A ratio may be this far below 1. */
const ALLOWED = 0.97;
const LIMIT = 60_000;

interface Row extends Ratio {
  readonly name: string;
  /** Median microseconds of one call, before and now. */
  readonly before: number;
  readonly now: number;
}

function readOptions() {
  const { values, positionals } = parseArgs({
    options: {
      rounds: { type: "string", default: "21" },
      filter: { type: "string", default: "" },
      threads: { type: "string", default: "1" },
      blas: { type: "boolean", default: false },
      log: { type: "string" },
    },
    allowPositionals: true,
  });
  const folder = resolve(positionals[0] ?? "");
  if (positionals.length !== 1 || folder === resolve(here) || !existsSync(join(folder, "tsconfig.json")))
    throw new TypeError(
      `revisions: ${positionals.join(" ") || "no folder"} — give the folder of another checkout of this project`,
    );
  const [rounds, threads] = [Number(values.rounds), Number(values.threads)];
  if (!Number.isInteger(rounds) || rounds < 6)
    throw new RangeError(`revisions: --rounds ${values.rounds} — a 95 % interval needs 6 or more`);
  return { ...values, folder, rounds, threads };
}

/** The present contender over the sources of a checkout: where packages are looked for, the loader reads in its tsconfig. */
function contender(folder: string, threads: number, blas: boolean): ContenderProcess {
  const name = `${blas ? "blas" : "simd"}${threads}`;
  const found = contenders(threads).find((one) => one.name === name);
  if (!found) throw new RangeError(`revisions: --threads ${threads} — there is no contender ${name}`);
  const environment = { ...found.environment, TSX_TSCONFIG_PATH: join(folder, "tsconfig.json") };
  return new ContenderProcess({ ...found, environment });
}

/** Who is first changes from round to round: what one leaves in the caches, the other finds as often. */
async function compare(one: Case, [before, now]: ContenderProcess[], rounds: number): Promise<Row | null> {
  const { name, work, repeat } = one;
  const [old, fresh]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 ? [now, before] : [before, now]) {
      const seconds = await side.round({ work, repeat, milliseconds: 40 }, LIMIT);
      if (seconds === null) return null;
      (side === before ? old : fresh).push(seconds);
    }
  }
  const ratio = ratioOf(old, fresh);
  return { name, before: middle(old), now: middle(fresh), ...ratio };
}

const middle = (seconds: readonly number[]): number => 1e6 * median(seconds);

const revision = (folder: string): string =>
  execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: folder, encoding: "utf8" }).trim();

function line({ name, before, now, ratio, low, high }: Row): string {
  const figures = [before, now, ratio, low, high].map((x) => String(significant(x)).padStart(9));
  return `${name.padEnd(28)}${figures.join("")}${high < ALLOWED ? "  slower" : ""}`;
}

async function main(): Promise<void> {
  const { folder, rounds, threads, filter, blas, log } = readOptions();
  const sides = [contender(folder, threads, blas), contender(here, threads, blas)];
  const rows: Row[] = [];
  try {
    await Promise.all(sides.map((side) => side.start(120_000)));
    console.log(`${"case".padEnd(28)}   before µs   now µs    ratio      95 % of ratios from, to`);
    for (const one of revisionCases.filter(({ name }) => name.includes(filter))) {
      const row = await compare(one, sides, rounds);
      if (row) rows.push(row);
      console.log(row ? line(row) : `${one.name}: ${sides.flatMap((s) => s.absent ?? s.failures).at(-1)}`);
    }
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
  const slower = rows.filter(({ high }) => high < ALLOWED).map(({ name }) => name);
  const revisions = { before: revision(folder), now: revision(here) };
  const result = { revisions, rounds, allowed: ALLOWED, slower, rows };
  if (log) {
    const command = `bench/revisions.ts FOLDER ${process.argv.slice(3).join(" ")}`.trim();
    const date = new Date().toISOString().slice(0, 10);
    const wallSeconds = performance.now() / 1000;
    const all = { command, date, machine: machine(threads), wallSeconds, result };
    await writeDurably(log, `${JSON.stringify(all, null, 2)}\n`);
  }
  if (slower.length > 0) process.exitCode = 1;
}

await main();
