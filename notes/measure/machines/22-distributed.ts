import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { manualSeed, Random, randn, tensor } from "tensorgrad";
import { DistributedTrainer, type Group, init } from "tensorgrad/distributed";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { median } from "tensorgrad/runtime";
import { report } from "../../lib/measure.ts";

/** Note 22: what a message costs by its size, and steps of one and of two ranks, one thread each. */

const SIZES = [1, 256, 4096, 65_536, 262_144, 1_048_576, 4_194_304];
/** Images in a step of all ranks together, and of one. */
const BATCH = 256;
const ROUNDS = 15;

interface Measured {
  readonly messages: readonly { readonly bytes: number; readonly ms: number }[];
  readonly parameters: number;
  readonly stepMs: Readonly<Record<string, number>>;
  readonly averageMs: number;
}

/** The median over rounds of how long all ranks take together. */
function timed(group: Group, run: () => void, repeat = 1): number {
  const times = Array.from({ length: ROUNDS }, () => {
    group.barrier();
    const start = performance.now();
    for (let i = 0; i < repeat; i++) run();
    return (performance.now() - start) / repeat;
  });
  return median(times);
}

function network() {
  manualSeed(1);
  const layers = [new Linear(784, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10)];
  return new Sequential(...layers);
}

/** Milliseconds of one step with so many images on every rank. */
async function step(group: Group, images: number): Promise<number> {
  const random = new Random(2);
  const batch = {
    x: randn([images, 784], { random }),
    y: tensor(
      Array.from({ length: images }, () => random.integer(10)),
      { dtype: "int32" },
    ),
  };
  const model = network();
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const trainer = new DistributedTrainer({ group, model, optimizer, loss: new CrossEntropyLoss() });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { seconds } = await trainer.trainEpoch(Array<typeof batch>(5).fill(batch));
    times.push((1000 * seconds) / 5);
  }
  return median(times);
}

/** What one rank does; rank 0 writes what it found. */
async function asRank(file: string): Promise<void> {
  const group = init();
  const messages = SIZES.map((numbers) => {
    const values = new Float32Array(numbers);
    return { bytes: 4 * numbers, ms: timed(group, () => group.sumInPlace(values), 5) };
  });
  const parameters = network().parameters();
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  const flat = new Float32Array(total);
  const found: Measured = {
    messages,
    parameters: total,
    averageMs: timed(group, () => group.sumInPlace(flat)),
    stepMs: {
      shared: await step(group, BATCH / group.size),
      whole: await step(group, BATCH),
    },
  };
  if (group.rank === 0) writeFileSync(file, JSON.stringify(found));
  group.finalize();
}

function onRanks(ranks: number, folder: string): Measured {
  const file = join(folder, `${ranks}.json`);
  const script = fileURLToPath(import.meta.url);
  const flags = [
    "--allow-run-as-root",
    "--oversubscribe",
    "--mca",
    "mpi_yield_when_idle",
    "1",
    "-n",
    String(ranks),
  ];
  const { status, stderr } = spawnSync(
    "mpirun",
    [...flags, process.execPath, "--import", "tsx", script, file],
    {
      encoding: "utf8",
      env: { ...process.env, TENSORGRAD_THREADS: "1" },
    },
  );
  if (status !== 0) throw new Error(`mpirun: exit code ${status}\n${stderr}`);
  return JSON.parse(readFileSync(file, "utf8")) as Measured;
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), "scaling-"));
  try {
    const [one, two] = [onRanks(1, folder), onRanks(2, folder)];
    const [small, large] = [two.messages[0], two.messages[two.messages.length - 1]];
    const gigabytesPerSecond = (large.bytes / large.ms) * 1e-6;
    report({
      messages: two.messages,
      latencyMs: small.ms,
      gigabytesPerSecond,
      parameters: two.parameters,
      gradientMB: (4 * two.parameters) / 1e6,
      averageMs: two.averageMs,
      strong: {
        oneMs: one.stepMs.whole,
        twoMs: two.stepMs.shared,
        speedUp: one.stepMs.whole / two.stepMs.shared,
      },
      weak: {
        oneMs: one.stepMs.whole,
        twoMs: two.stepMs.whole,
        efficiency: one.stepMs.whole / two.stepMs.whole,
      },
      onPaper: onPaper(one.stepMs.whole, 4 * two.parameters),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Speed of R machines over one, in a network of 10 Gbit/s with 50 µs a message: each has its own share of the batch, and a ring
 * sends 2·(R − 1)/R times the gradients' bytes in 2·(R − 1) messages.
 */
function onPaper(computeMs: number, bytes: number) {
  const [bytesPerMs, messageMs] = [1.25e6, 0.05];
  return [2, 4, 8, 16, 32].map((ranks) => {
    const talk = (2 * (ranks - 1) * bytes) / ranks / bytesPerMs + 2 * (ranks - 1) * messageMs;
    return {
      ranks,
      strong: computeMs / (computeMs / ranks + talk),
      weak: (ranks * computeMs) / (computeMs + talk),
    };
  });
}

const [, , file] = process.argv;
if (file) await asRank(file);
else main();
