import { expect, it } from "vitest";
import { tensor } from "../01-tensor/index.ts";
import { Linear } from "../03-layers/index.ts";
import { mse } from "../04-losses/index.ts";
import { SGD } from "../06-optimizers/index.ts";
import { Trainer } from "../07-training/index.ts";
import "tensorgrad";
import {
  broadcastParameters,
  DistributedTrainer,
  init,
  parameterHash,
  rank,
  size,
  syncBatchNorm,
} from "./index.ts";

it("is the only rank where mpirun did not start it, and needs no MPI for it", () => {
  expect([rank(), size(), init().sum([1, 2])]).toEqual([0, 1, [1, 2]]);
  expect(init()).toBe(init());
});

it("trains alone as a Trainer does, to the bit", async () => {
  const batches = [{ x: tensor([[1], [2]]), y: tensor([[2], [3]]) }];
  const trained = async (Kind: typeof Trainer | typeof DistributedTrainer): Promise<string> => {
    const model = new Linear(1, 1);
    model.weight.assign([0.5]);
    model.bias?.assign([0]);
    broadcastParameters(model);
    syncBatchNorm(model);
    const trainer = new Kind({ model, optimizer: new SGD(model.parameters(), { lr: 0.1 }), loss: mse });
    await trainer.fit(batches, { epochs: 3 });
    return parameterHash(model);
  };
  expect(await trained(DistributedTrainer)).toBe(await trained(Trainer));
});

it("refuses batches that do not say how many they are", async () => {
  const model = new Linear(1, 1);
  const trainer = new DistributedTrainer({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: mse,
  });
  const batches = [{ x: tensor([[1]]), y: tensor([[2]]) }].values();
  await expect(trainer.fit(batches)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[RankError: DistributedTrainer: batches without a length — all ranks must take as many steps, or one waits for ever; give a DataLoader or a list]`,
  );
});
