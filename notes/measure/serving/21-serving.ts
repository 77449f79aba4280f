import autocannon from "autocannon";
import { Random, rand } from "tensorgrad";
import { ratioOf } from "tensorgrad/benchmarking";
import { median, quantile } from "tensorgrad/runtime";
import { flood } from "../../../tensorgrad/tests/21-serving/flood.fixture.ts";
import { contestant } from "../../lib/contestants.ts";
import { report } from "../../lib/measure.ts";

/** Note 21: throughput beside a plain server, latency over load. Ten times the load is `serving/21-overload.ts`. */
const CONNECTIONS = 64;
const ROUNDS = 8;
const SECONDS = 1.5;

const pixels = Array.from(
  rand([1, 784], { random: new Random(1) }).data,
  (value) => Math.round(value * 255) / 255,
);
const body = JSON.stringify({ inputs: [{ name: "input", shape: [1, 784], datatype: "FP32", data: pixels }] });

async function load(url: string, seconds: number) {
  const { requests, latency, non2xx, errors } = await autocannon({
    ...{
      url: `${url}/v2/models/mlp/infer`,
      method: "POST",
      body,
      connections: CONNECTIONS,
      duration: seconds,
    },
    headers: { "content-type": "application/json" },
  });
  return { perSecond: requests.total / seconds, p50: latency.p50, p99: latency.p99, failed: non2xx + errors };
}

/** The servers take turns, so that what else this machine does meets all alike. */
async function throughput() {
  const ways = {
    plain: ["plain", {}],
    tensorgrad: ["tensorgrad", {}],
    onnxruntime: ["onnxruntime", {}],
    oneByOne: ["tensorgrad", { maxBatch: 1, maxWait: 0 }],
  } as const;
  type Name = keyof typeof ways;
  const names = Object.keys(ways) as Name[];
  const runs: Record<Name, Awaited<ReturnType<typeof load>>[]> = {
    plain: [],
    tensorgrad: [],
    onnxruntime: [],
    oneByOne: [],
  };
  const start = async (left: readonly Name[], urls: Partial<Record<Name, string>>): Promise<void> => {
    const [name, ...others] = left;
    if (name !== undefined) {
      const [what, settings] = ways[name];
      return contestant(what, settings, (url) => start(others, { ...urls, [name]: url }));
    }
    for (const name of names) await load(urls[name] ?? "", 1); // compiled, and warm
    for (let round = 0; round < ROUNDS; round++)
      for (const name of round % 2 ? names : names.toReversed())
        runs[name].push(await load(urls[name] ?? "", SECONDS));
  };
  await start(names, {});
  const of = (name: Name, key: "perSecond" | "p50" | "p99") => runs[name].map((run) => run[key]);
  const row = (name: Name) => ({
    ...{
      perSecond: median(of(name, "perSecond")),
      p50: median(of(name, "p50")),
      p99: median(of(name, "p99")),
    },
    failed: runs[name].reduce((sum, { failed }) => sum + failed, 0),
  });
  return {
    ...{ connections: CONNECTIONS, rounds: ROUNDS, seconds: SECONDS },
    servers: Object.fromEntries(names.map((name) => [name, row(name)])),
    ratio: ratioOf(of("tensorgrad", "perSecond"), of("plain", "perSecond")),
    ratioOnnx: ratioOf(of("onnxruntime", "perSecond"), of("plain", "perSecond")),
    ratioOneByOne: ratioOf(of("tensorgrad", "perSecond"), of("oneByOne", "perSecond")),
    p99Ratio: median(of("tensorgrad", "p99").map((ms, i) => ms / runs.plain[i].p99)),
  };
}

/** A batch takes 20 ms however many rows it has: so many rows a second can be carried. */
const carried = (maxBatch: number): number => maxBatch / 0.02;
const KNEE_SECONDS = 5;
const LOADS = [0.2, 0.5, 0.8, 1.2];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a server counted so far: the sum and the count of a histogram. */
async function counted(url: string, name: string): Promise<{ sum: number; count: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (part: string) =>
    Number(new RegExp(`^${name}_${part}\\{[^}]*\\} (\\S+)`, "m").exec(text)?.[1] ?? 0);
  return { sum: read("sum"), count: read("count") };
}

/** The mean of what it counts while something happens. */
async function meanDuring<T>(
  url: string,
  names: readonly string[],
  happens: () => Promise<T>,
): Promise<[T, number[]]> {
  const before = await Promise.all(names.map((name) => counted(url, name)));
  const result = await happens();
  const after = await Promise.all(names.map((name) => counted(url, name)));
  return [result, after.map(({ sum, count }, i) => (sum - before[i].sum) / (count - before[i].count))];
}

/** A queue of one server, random arrivals and a fixed time s of service: the mean time in it is s + s·ρ/(2(1 − ρ)). */
const predicted = (serviceMs: number, load: number): number | null =>
  load < 1 ? serviceMs + (serviceMs * load) / (2 * (1 - load)) : null;

const HISTOGRAMS = ["tensorgrad_batch_seconds", "tensorgrad_batch_rows"];

async function atLoad(url: string, maxBatch: number, share: number) {
  const perSecond = share * carried(maxBatch);
  const [{ sent, statuses, answered }, [seconds, rowsPerBatch]] = await meanDuring(url, HISTOGRAMS, () =>
    flood(url, perSecond, KNEE_SECONDS),
  );
  const load = (sent * seconds) / (KNEE_SECONDS * maxBatch);
  return {
    ...{ maxBatch, share, perSecond: sent / KNEE_SECONDS, serviceMs: 1000 * seconds, load, rowsPerBatch },
    ...{ meanMs: mean(answered), predictedMs: maxBatch === 1 ? predicted(1000 * seconds, load) : null },
    ...{ p50: quantile(answered, 0.5), p99: quantile(answered, 0.99) },
    refused: 1 - (statuses[200] ?? 0) / sent,
  };
}

async function knee() {
  const rows: Awaited<ReturnType<typeof atLoad>>[] = [];
  for (const maxBatch of [1, 8]) {
    const settings = { maxBatch, maxWait: 0, maxQueue: 50 * maxBatch, deadline: 5000 };
    await contestant("echo", settings, async (url) => {
      for (const share of LOADS) rows.push(await atLoad(url, maxBatch, share));
    });
  }
  return rows;
}

report({ throughput: await throughput(), knee: await knee() });
