import { describe, expect, it } from "vitest";
import { draws } from "../../../tests/draws.fixture.ts";
import { manualSeed, Random } from "../../00-runtime/index.ts";
import { ReLU } from "../../02-activations/index.ts";
import { Linear, type Module, Sequential } from "../../03-layers/index.ts";
import { crossEntropy } from "../../04-losses/index.ts";
import { AdamW } from "../../06-optimizers/index.ts";
import { accuracy, Trainer } from "../../07-training/index.ts";
import { DataLoader } from "../loading/loader.ts";
import { SyntheticDigits } from "./synthetic.ts";

describe("SyntheticDigits", () => {
  it("are for an MLP what MNIST is, and harder for a linear model", async () => {
    for (let seed = 1; seed <= draws(3, 1); seed++) {
      const linear = await learn(seed, () => new Linear(784, 10));
      const mlp = await learn(
        seed,
        () => new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10)),
      );
      expect(linear).toBeGreaterThan(0.85);
      expect(linear).toBeLessThan(0.92);
      expect(mlp).toBeGreaterThan(0.945);
      expect(mlp).toBeLessThan(0.995);
      expect(mlp - linear).toBeGreaterThan(0.045);
    }
  });
});

/** Accuracy on 1,000 new digits after five epochs on 6,000. */
async function learn(seed: number, make: () => Module): Promise<number> {
  const random = new Random(seed);
  const train = new SyntheticDigits({ count: 6000, shape: [784], random });
  const test = new SyntheticDigits({ count: 1000, shape: [784], random });
  manualSeed(seed);
  const model = make();
  const optimizer = new AdamW(model.parameters(), { lr: 2e-3 });
  const trainer = new Trainer({ model, optimizer, loss: crossEntropy, metrics: { accuracy } });
  await trainer.fit(new DataLoader(train, { batchSize: 64, shuffle: true }), { epochs: 5 });
  return (await trainer.evaluate(new DataLoader(test, { batchSize: 500 }))).metrics.accuracy;
}
