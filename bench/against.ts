/**
 * `npm run bench -- --against REVISION`: is this checkout as fast as an earlier revision?
 *
 * One program measures both: the present contender, once over the sources of this checkout and once over the other's, each in a process
 * of its own, their rounds in turns. The earlier revision is checked out and built in a temporary folder, which is removed again.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BenchmarkReport,
  compareReports,
  machine,
  type Pair,
  roundsUntilClear,
  significant,
} from "tensorgrad/benchmarking";
import { median } from "tensorgrad/runtime";
import { writeDurably } from "tensorgrad/runtime/node";
import type { Options } from "./arguments.ts";
import { type Case, revisionCases } from "./cases.ts";
import { gateText } from "./compare.ts";
import { contenders } from "./contenders.ts";
import { ContenderProcess } from "./process.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
const LIMIT = 60_000;
const MOST = 150; // rounds of a case that is never clear: about a quarter of a minute

const git = (...args: string[]): string => execFileSync("git", args, { cwd: here, encoding: "utf8" }).trim();

/** A checkout of a revision with its packages and kernels in place. Packages are those here where the lock file is the same. */
function checkout(revision: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), "bench-against-")), "tree");
  git("worktree", "add", "--quiet", "--detach", folder, revision);
  const lock = (at: string): string => readFileSync(join(at, "package-lock.json"), "utf8");
  if (lock(folder) === lock(here)) {
    for (const part of ["", "tensorgrad", "micrograd", "verify", "examples", "notes"]) {
      const packages = join(here, part, "node_modules");
      if (existsSync(packages)) symlinkSync(packages, join(folder, part, "node_modules"), "junction");
    }
  } else
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: folder,
      stdio: "inherit",
      shell: process.platform === "win32",
    });
  execFileSync(process.execPath, ["--import", "tsx", "scripts/build-kernels.ts"], {
    cwd: folder,
    stdio: "inherit",
  });
  return folder;
}

function remove(folder: string): void {
  git("worktree", "remove", "--force", folder);
  rmSync(join(folder, ".."), { recursive: true, force: true });
}

/** The present contender over the sources of a checkout: where packages are looked for, the loader reads in its tsconfig. */
function contender(folder: string, threads: number, blas: boolean): ContenderProcess {
  const name = `${blas ? "blas" : "simd"}${threads}`;
  const found = contenders(threads).find((one) => one.name === name);
  if (!found) throw new RangeError(`bench: --threads ${threads} — there is no contender ${name}`);
  const environment = { ...found.environment, TSX_TSCONFIG_PATH: join(folder, "tsconfig.json") };
  return new ContenderProcess({ ...found, environment });
}

/** Who is first changes from round to round: what one leaves in the caches, the other finds as often. */
function turns({ work, repeat }: Case, [before, now]: readonly ContenderProcess[]) {
  const request = { work, repeat, milliseconds: 40 };
  return async (round: number): Promise<Pair | null> => {
    const seconds = new Map<ContenderProcess, number>();
    for (const side of round % 2 ? [now, before] : [before, now]) {
      const found = await side.round(request, LIMIT);
      if (found === null) return null;
      seconds.set(side, found);
    }
    return [seconds.get(before) as number, seconds.get(now) as number];
  };
}

/** Measures every case on both sides; the reports of one run. */
async function reports(
  sides: readonly ContenderProcess[],
  { rounds, filter, threads }: Options,
): Promise<BenchmarkReport[]> {
  const cases: Record<string, readonly number[]>[] = sides.map(() => ({}));
  for (const one of revisionCases.filter(({ name }) => name.includes(filter))) {
    const found = await roundsUntilClear(turns(one, sides), { rounds, most: Math.max(rounds, MOST) });
    if (!found) console.log(`${one.name}: ${sides.flatMap((side) => side.absent ?? side.failures).at(-1)}`);
    if (!found) continue;
    const lists = [found.base, found.now];
    for (const [i, list] of lists.entries()) cases[i][one.name] = list;
    console.log(`${one.name}: ${lists.map((list) => significant(1e6 * median(list))).join(" → ")} µs`);
  }
  const run = randomUUID();
  return cases.map((list) => ({ run, machine: machine(threads), cases: list }));
}

export async function against(options: Options): Promise<void> {
  const { against: revision, rounds, threads, blas, log } = options;
  if (rounds < 8)
    throw new RangeError(`bench: --rounds ${rounds} — before anything is judged, 8 or more are taken`);
  const before = git("rev-parse", "--short", `${revision}^{commit}`);
  const folder = checkout(before);
  const sides = [contender(folder, threads, blas), contender(here, threads, blas)];
  try {
    await Promise.all(sides.map((side) => side.start(120_000)));
    const [base, now] = await reports(sides, options);
    const result = compareReports(base, now);
    console.log(`\n${gateText(result)}`);
    if (log) {
      const revisions = { before, now: git("rev-parse", "--short", "HEAD") };
      const all = {
        command: `bench/run.ts ${process.argv.slice(2).join(" ")}`,
        date: new Date().toISOString().slice(0, 10),
        machine: machine(threads),
        wallSeconds: performance.now() / 1000,
        result: { revisions, rounds, ...result },
      };
      await writeDurably(log, `${JSON.stringify(all, null, 2)}\n`);
    }
    if (result.slower.length > 0) process.exitCode = 1;
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
    remove(folder);
  }
}
