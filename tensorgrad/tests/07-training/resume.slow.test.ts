import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, Random } from "tensorgrad";
import { Compose, DataLoader, RandomCrop, RandomHorizontalFlip, SyntheticDigits } from "tensorgrad/data";
import { CrossEntropyLoss, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { Trainer } from "tensorgrad/train";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "../../src/07-training/checkpoints/checkpoint.ts";
import { fingerprint, untimed } from "./training-run.fixture.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "resume-workers-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("a training with augmentation in other threads is resumed in the middle of an epoch, with any number of them", async () => {
  const path = join(folder, "c.safetensors");
  const whole = make(1, 0);
  const history = await whole.fit();

  const interrupted = make(1, 2, 11); // batches 12 and 13 are already made by then, and are made again
  await interrupted.fit();
  await saveCheckpoint(path, interrupted.parts);
  for (const workers of [0, 1, 2]) {
    const resumed = make(9, workers);
    expect(await loadCheckpoint(path, resumed.parts)).toMatchObject({ steps: 11, epoch: 2 });
    expect(untimed(await resumed.fit())).toEqual(untimed(history));
    expect(fingerprint(resumed.parts.model)).toBe(fingerprint(whole.parts.model));
  }
});

function make(seed: number, workers: number, stop = Number.POSITIVE_INFINITY) {
  manualSeed(seed);
  const transform = new Compose([new RandomCrop(28, { padding: 2 }), new RandomHorizontalFlip()]);
  const data = new SyntheticDigits({ count: 120, random: new Random(3), transform });
  const loader = new DataLoader(data, { batchSize: 16, shuffle: true, workers });
  const model = new Sequential(new Flatten(), new Linear(784, 12), new ReLU(), new Linear(12, 10));
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const trainer = new Trainer({
    model,
    optimizer,
    loss: new CrossEntropyLoss(),
    callbacks: [{ onStepEnd: (trainer, { step }) => void (step === stop && trainer.stop()) }],
  });
  return { parts: { model, optimizer, trainer, loader }, fit: () => trainer.fit(loader, { epochs: 3 }) };
}
