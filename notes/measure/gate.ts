import { randomUUID } from "node:crypto";
import { Random, randn, scope, type Tensor } from "tensorgrad";
import {
  type BenchmarkReport,
  compareReports,
  machine,
  type Pair,
  type PairedRounds,
  roundsUntilClear,
} from "tensorgrad/benchmarking";
import { gelu, softmax } from "tensorgrad/nn";
import { median, useThreads } from "tensorgrad/runtime";
import { report } from "../lib/measure.ts";

/**
 * Note 19: does the gate find slowdowns of 10 %, and nothing else? Twenty runs with one planted in five places at random, and twenty
 * of the same against the same. Rounds are taken until a case is clear. Real work and real times; a slowdown is a wait for a tenth of the time that the work has taken.
 */

const RUNS = 20;
const MOST = 400; // rounds; nearly all are clear before
const PLANTED = 5;
const [MS, WARM_UP] = [2, 100]; // milliseconds of one sample, at least, and before

useThreads(1); // a thread that sleeps while another waits would be a slowdown of its own

const [a, b] = [randn([128, 128]), randn([128, 128])];
const [x, y] = [randn([100_000]), randn([100_000])];
const rows = randn([256, 128]);

const calls: Readonly<Record<string, () => Tensor>> = {
  "matmul 128": () => a.matmul(b),
  "matmul 128, transposed": () => a.t().matmul(b),
  "add 100 K": () => x.add(y),
  "mul 100 K": () => x.mul(y),
  "exp 100 K": () => x.exp(),
  "tanh 100 K": () => x.tanh(),
  "gelu 100 K": () => gelu(x),
  "sum 100 K": () => x.sum(),
  "softmax 256×128": () => softmax(rows, -1),
  "max of rows": () => rows.max(1).values,
  "copy 100 K": () => x.clone(),
  "transposed copy": () => a.t().contiguous(),
};

/** So many calls that a sample is long against the clock, once the compiler has settled. */
function sampled(call: () => Tensor): () => void {
  let count = 1;
  const run = (): void => {
    using _ = scope();
    for (let i = 0; i < count; i++) call();
  };
  const end = performance.now() + WARM_UP;
  while (performance.now() < end) run();
  while (Math.min(timed(run), timed(run), timed(run)) < MS) count *= 2;
  return run;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const work = Object.entries(calls).map(([name, call]) => [name, sampled(call)] as const);

function slowed(run: () => void): () => void {
  return () => {
    const start = performance.now();
    run();
    const end = start + 1.1 * (performance.now() - start);
    while (performance.now() < end);
  };
}

/** Who is first changes from round to round. */
function turns(base: () => void, now: () => void): (round: number) => Pair {
  for (const run of [base, now, base, now]) run();
  return (round) => {
    if (round % 2 === 0) return [timed(base), timed(now)];
    const last = timed(now);
    return [timed(base), last];
  };
}

const counts: number[] = [];

async function reportsOf(slow: ReadonlySet<string>): Promise<[base: BenchmarkReport, now: BenchmarkReport]> {
  const [base, now]: Record<string, readonly number[]>[] = [{}, {}];
  for (const [name, run] of work) {
    const take = turns(run, slow.has(name) ? slowed(run) : run);
    const found = (await roundsUntilClear(take, { most: MOST })) as PairedRounds;
    [base[name], now[name]] = [found.base, found.now];
    counts.push(found.now.length);
  }
  const common = { run: randomUUID(), machine: machine(1) };
  return [
    { ...common, cases: base },
    { ...common, cases: now },
  ];
}

const random = new Random(1);
const chosen = (): Set<string> => {
  const slow = new Set<string>();
  while (slow.size < PLANTED) slow.add(work[random.integer(work.length)][0]);
  return slow;
};

const runs = [];
for (let i = 0; i < RUNS; i++) {
  const slow = chosen();
  const found = new Set(compareReports(...(await reportsOf(slow))).slower);
  const missed = [...slow].filter((name) => !found.has(name));
  const wronglyNamed = [...found].filter((name) => !slow.has(name));
  const same = compareReports(...(await reportsOf(new Set())));
  runs.push({ missed, wronglyNamed, namedInAA: same.slower });
}

report({
  ...{
    runs: RUNS,
    rounds: median(counts),
    mostRounds: Math.max(...counts),
    cases: work.length,
    planted: PLANTED,
  },
  found: runs.filter(({ missed, wronglyNamed }) => missed.length + wronglyNamed.length === 0).length,
  quiet: runs.filter(({ namedInAA }) => namedInAA.length === 0).length,
  details: runs,
});
