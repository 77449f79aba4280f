import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, Random } from "tensorgrad";
import { DataLoader, moons } from "tensorgrad/data";
import { crossEntropy, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { Trainer } from "tensorgrad/train";
import { loadCheckpoint, saveCheckpoint } from "tensorgrad/train/node";
import { atMost, exampleOptions, finish, isMain } from "./lib/options.ts";

/** Everything that a training needs, made anew as a new process would. */
function training(seed: number) {
  manualSeed(seed);
  const random = new Random(seed);
  const data = moons({ count: 200, noise: 0.1, random: new Random(0) }); // the same points in every process
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 2));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const trainer = new Trainer({ model, optimizer, loss: crossEntropy });
  const loader = new DataLoader(data, { batchSize: 32, shuffle: true, random });
  return { model, optimizer, trainer, loader, random };
}

/**
 * Saves a training after half of its epochs, and goes on from the file with a new model, optimizer and loader. The result is
 * that of a training that was never interrupted, to the last bit.
 *
 *   npx tsx examples/checkpoint.ts     largest difference 0, about 2 s
 */
export async function interrupted({ seed = 1, epochs = 6 }: { seed?: number; epochs?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
  const path = join(folder, "half.safetensors");
  try {
    const whole = training(seed);
    await whole.trainer.fit(whole.loader, { epochs });

    const first = training(seed);
    await first.trainer.fit(first.loader, { epochs: epochs / 2 });
    await saveCheckpoint(path, first); // weights, moments, counters, the loader's place, the generator

    const second = training(seed + 1); // other weights, which the file replaces
    await loadCheckpoint(path, second);
    const history = await second.trainer.fit(second.loader, { epochs });

    const [expected, resumed] = [whole.model.stateDict(), second.model.stateDict()];
    const differences = Object.entries(expected).map(([name, w]) => w.sub(resumed[name]).abs().max().item());
    return { epochs: history.length, difference: Math.max(...differences) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { seed, json, quick } = exampleOptions("checkpoint", "A training that goes on from a file");
  const { epochs, difference } = await interrupted({ seed, epochs: quick ? 4 : 6 });
  finish({
    json,
    result: { epochs, difference },
    misses: atMost("the largest difference of a weight", difference, 0),
  });
}

if (isMain(import.meta.url)) await main();
