import { manualSeed, Random } from "tensorgrad";
import { Compose, DataLoader, RandomCrop, RandomHorizontalFlip, SyntheticShapes } from "tensorgrad/data";
import { CrossEntropyLoss, Dropout, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import { type Callback, Trainer } from "tensorgrad/train";
import { describe, expect, it } from "vitest";

const pictures = new SyntheticShapes({
  count: 120,
  random: new Random(1),
  transform: new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()]),
});

function makeRun(seed: number, workers: number, callbacks: readonly Callback[] = []) {
  manualSeed(seed);
  const random = new Random(seed);
  const loader = new DataLoader(pictures, { batchSize: 16, shuffle: true, workers, random });
  const model = new Sequential(
    new Flatten(),
    new Linear(3072, 16),
    new ReLU(),
    new Dropout(0.2),
    new Linear(16, 10),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const trainer = new Trainer({ model, optimizer, loss: new CrossEntropyLoss(), callbacks });
  const weights = (): number[] => model.parameters().flatMap((parameter) => [...parameter.data]);
  return { loader, random, trainer, weights };
}

describe("training on augmented pictures", () => {
  it("ends with the same weights, bit for bit, for any number of workers", async () => {
    const ends: number[][] = [];
    for (const workers of [0, 1, 2]) {
      const { loader, trainer, weights } = makeRun(3, workers);
      await trainer.fit(loader, { epochs: 3 });
      await loader.close();
      ends.push(weights());
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });

  it("goes on with the same batches after it was stopped in mid-epoch, with another number of workers", async () => {
    /** Sums of all pixels, batch by batch: what a pass shows. */
    const rest = async (loader: DataLoader): Promise<number[]> => {
      const sums: number[] = [];
      for await (const { x } of loader) sums.push(Array.from(x.data).reduce((sum, value) => sum + value, 0));
      await loader.close();
      return sums;
    };
    const stop: Callback = { onStepEnd: (trainer, { step }) => void (step === 11 && trainer.stop()) };
    const interrupted = makeRun(4, 2, [stop]);
    await interrupted.trainer.fit(interrupted.loader, { epochs: 3 });
    const [position, state] = JSON.parse(
      JSON.stringify([interrupted.loader.stateDict(), interrupted.random.state]),
    );
    expect(position.batch).toBe(3); // eight batches make an epoch
    await interrupted.loader.close();

    const plain = makeRun(4, 0).loader;
    for await (const _ of plain); // the first epoch
    const second = await rest(plain);
    const resumed = makeRun(5, 1);
    resumed.random.state = state;
    resumed.loader.loadStateDict(position);
    expect(await rest(resumed.loader)).toEqual(second.slice(3));
  });
});
