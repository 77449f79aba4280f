import { Random, randn } from "tensorgrad";
import { Benchmark, bootstrap, energyMeter, interleavedSync } from "tensorgrad/benchmarking";
import { Conv2d, Flatten, type Layer, Linear, MaxPool2d, type Module, ReLU, Sequential } from "tensorgrad/nn";
import { report } from "../lib/measure.ts";

/** Note 19: latency against throughput by batch size, what an interval is worth, and energy where the machine tells. */

const random = new Random(1);
const block = (from: number, to: number): Layer[] => [
  new Conv2d(from, to, 3, { padding: 1, random }),
  new MaxPool2d(2),
  new ReLU(),
];

const network = (width: number): Module =>
  new Sequential(
    ...block(3, width),
    ...block(width, 2 * width),
    new Flatten(),
    new Linear(128 * width, 10, { random }),
  );

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128];

/** Milliseconds a pass and images a second, with intervals. */
async function byBatch() {
  const model = network(32);
  const points = [];
  for (const batch of BATCHES) {
    const benchmark = new Benchmark({ rounds: 15, warmUp: 3 });
    const input = randn([batch, 3, 32, 32], { random });
    const { results } = await benchmark.compareModels(
      { model },
      { metrics: ["latency", "throughput", "memory"], input },
    );
    const [{ latency, throughput, memory }] = results;
    points.push({
      batch,
      ms: latency?.estimate,
      latency,
      perSecond: throughput?.estimate,
      throughput,
      memory,
    });
  }
  return points;
}

/** Three widths: what each costs, and what an image costs in joules. */
async function models() {
  const benchmark = new Benchmark({ rounds: 15, warmUp: 3 });
  const widths = [8, 16, 32];
  const { results } = await benchmark.compareModels(
    Object.fromEntries(widths.map((width) => [`width ${width}`, network(width)])),
    { metrics: ["latency", "throughput", "memory", "energy"], input: randn([64, 3, 32, 32], { random }) },
  );
  return results.map(({ name, parameters, latency, throughput, memory, energy, speedup }) => ({
    ...{ name, parameters, ms: latency?.estimate, perSecond: throughput?.estimate, memory },
    ...{ speed: speedup?.ratio, low: speedup?.low, high: speedup?.high, joules: energy?.estimate ?? null },
  }));
}

/** The same work timed again and again: how wide an interval is, by the number of rounds. */
function intervals() {
  const [a, b] = [randn([128, 128], { random }), randn([128, 128], { random })];
  const { work } = interleavedSync({ work: () => a.matmul(b).storage.free() }, { rounds: 1000, warmUp: 20 });
  return [6, 15, 50, 200, 1000].map((rounds) => {
    const { estimate, low, high } = bootstrap(work.slice(0, rounds));
    return { rounds, us: 1000 * estimate, width: (high - low) / estimate };
  });
}

report({
  energyReadable: energyMeter() !== null,
  batches: await byBatch(),
  models: await models(),
  intervals: intervals(),
});
