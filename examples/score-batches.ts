/**
 * Scores 100,000 images by several processes that take shards from a queue (BullMQ on Redis). One of them is killed in the
 * middle of its work: what it held goes to another, and every result is written once.
 *
 *   npx tsx examples/score-batches.ts                starts a Redis on a port of its own, and two workers
 *   npx tsx examples/score-batches.ts --shards 200
 *
 * A shard is done when its file has its name. A worker that dies after that, and before the queue heard of it, leaves the
 * shard to be taken again: the second one finds the file and lets it be.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { link, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, Queue, QueueEvents, Worker } from "bullmq";
import { InvalidArgumentError, Option } from "commander";
import { noGrad, scope } from "tensorgrad";
import { Sequential } from "tensorgrad/nn";
import { predictions } from "tensorgrad/train";
import { loadTensors, saveTensors } from "tensorgrad/train/node";
import { digits, trainClassifier } from "./lib/digit-classifier.ts";
import { MLP } from "./lib/digit-recipes.ts";
import { atLeast, exampleOptions, finish, isMain } from "./lib/options.ts";
import { startRedis, withoutRedis } from "./lib/redis.ts";

const QUEUE = "score";

/** A stretch of the images. */
interface Shard {
  readonly from: number;
  readonly to: number;
}

/** What a worker has to know. */
interface Place {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly seed: number;
  readonly quick: boolean;
}

interface Scored extends Shard {
  readonly worker: number;
  readonly right: number;
}

/** Seconds until a worker that says nothing more counts as dead: short, for batches take a tenth of one. */
const TIMES = { lockDuration: 2000, stalledInterval: 1000, maxStalledCount: 10 };

/** Takes shards until it is ended. */
async function work({ host, port, folder, seed, quick }: Place): Promise<void> {
  const { train } = await digits(seed, quick);
  const model = new Sequential(...MLP.layers());
  model.loadStateDict((await loadTensors(join(folder, "model.safetensors"))).tensors);
  const score = async ({ data: { from, to } }: Job<Shard>): Promise<void> => {
    const file = join(folder, `shard-${String(from).padStart(8, "0")}.json`);
    if (existsSync(file)) return; // by one that died before it could say so
    let right = 0;
    {
      using _ = scope();
      using __ = noGrad();
      const indices = Int32Array.from({ length: to - from }, (_, i) => (from + i) % train.length);
      const { x, y } = train.batch(indices);
      const answers = predictions(model.forward(x));
      right = answers.reduce((sum, answer, i) => sum + Number(answer === y.data[i]), 0);
    }
    await writeOnce(file, JSON.stringify({ from, to, right, worker: process.pid } satisfies Scored));
  };
  new Worker<Shard>(QUEUE, score, { connection: { host, port }, ...TIMES });
  console.log("ready");
}

/** Writes a file whole or not at all, and never over another: of two that come at once, the first stays. */
async function writeOnce(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text);
  await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await rm(temporary);
}

/** Another process of this program that works. */
function startWorker(place: Place): Promise<ChildProcess> {
  const own = [...process.execArgv, process.argv[1], "--seed", String(place.seed)];
  const flags = ["--work", JSON.stringify(place), ...(place.quick ? ["--quick"] : [])];
  const child = spawn(process.execPath, [...own, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`score-batches: a worker ended with exit code ${code}`)));
    child.stdout?.on("data", (text: Buffer) => {
      if (text.toString().includes("ready")) resolve(child);
    });
  });
}

/** Results as they stand in the folder. */
const written = (folder: string): Scored[] =>
  readdirSync(folder)
    .filter((name) => /^shard-\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Scored);

interface Plan {
  readonly seed: number;
  readonly quick: boolean;
  readonly shards: number;
  readonly images: number;
}

/** Fills the queue, starts workers, kills one while it works, and waits until all is done. */
export async function scoreAll({ seed, quick, shards, images }: Plan) {
  await using redis = await startRedis();
  const folder = mkdtempSync(join(tmpdir(), "score-"));
  const { host, port } = redis;
  const place = { host, port, folder, seed, quick };
  const queue = new Queue<Shard>(QUEUE, { connection: { host, port } });
  const events = new QueueEvents(QUEUE, { connection: { host, port } });
  const workers: ChildProcess[] = [];
  try {
    await events.waitUntilReady();
    await saveTensors(join(folder, "model.safetensors"), (await trained(seed, quick)).stateDict());
    workers.push(...(await Promise.all([startWorker(place), startWorker(place)])));
    const started = performance.now();
    let takenAgain = 0;
    events.on("stalled", () => {
      takenAgain++;
    });
    const killed = killInTheMiddle(events, workers[0], Math.floor(shards / 4));
    const edges = Array.from({ length: shards + 1 }, (_, i) => Math.round((i * images) / shards));
    const jobs = edges.slice(1).map((to, i) => ({ name: "shard", data: { from: edges[i], to } }));
    for (const job of await queue.addBulk(jobs)) await job.waitUntilFinished(events);
    const seconds = (performance.now() - started) / 1000;
    await killed;
    const { completed, failed } = await queue.getJobCounts("completed", "failed");
    return { completed, failed, takenAgain, ...summary(written(folder), seconds) };
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    await events.close();
    await queue.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The network of milestone 2 after one epoch: what is scored matters little here. */
async function trained(seed: number, quick: boolean): Promise<Sequential> {
  const data = await digits(seed, quick);
  return (await trainClassifier(MLP, data, data.train, { seed, epochs: 1 })).model;
}

/** Kills a worker when so many shards are done, while it has one in its hands. */
function killInTheMiddle(events: QueueEvents, worker: ChildProcess, after: number): Promise<void> {
  let done = 0;
  return new Promise((resolve) => {
    events.on("completed", () => {
      if (++done !== after) return;
      worker.kill("SIGKILL");
      resolve();
    });
  });
}

function summary(results: readonly Scored[], seconds: number) {
  const images = results.reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    written: results.length,
    images,
    accuracy: results.reduce((sum, { right }) => sum + right, 0) / images,
    workers: new Set(results.map(({ worker }) => worker)).size,
    imagesPerSecond: images / seconds,
  };
}

async function main(): Promise<void> {
  const { quick, seed, json, shards, ...flags } = exampleOptions<{ shards: number; work?: string }>(
    "score-batches",
    "Many images, several processes, one queue",
    [
      new Option("--shards <count>", "into how many pieces").default(60).argParser(count),
      new Option("--work <place>").hideHelp(),
    ],
  );
  if (flags.work) return work(JSON.parse(flags.work) as Place);
  const reason = withoutRedis();
  if (reason) {
    console.log(`${reason}; install Redis (Debian: redis-server) to see this example`);
    return finish({ json, result: { skipped: reason, seed }, misses: [] });
  }
  const images = quick ? 12_000 : 100_000;
  const result = await scoreAll({ seed, quick, shards, images });
  finish({
    json,
    result: { ...result, seed },
    misses: [
      ...atLeast("shards completed", result.completed, shards),
      ...(result.written === shards && result.images === images
        ? []
        : [`${result.written} results of ${result.images} images, expected ${shards} of ${images}`]),
      ...atLeast("accuracy", result.accuracy, 0.85),
    ],
  });
}

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number from 1 to 99999");
}

if (isMain(import.meta.url)) await main();
