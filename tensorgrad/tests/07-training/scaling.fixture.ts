import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { Linear, Module } from "../../src/03-layers/index.ts";
import { mse } from "../../src/04-losses/index.ts";
import { SGD } from "../../src/06-optimizers/index.ts";
import type { TrainerOptions } from "../../src/07-training/options.ts";
import { Trainer } from "../../src/07-training/trainer.ts";

/** y = w·x with w = 1: one weight, everything checkable on paper. */
export class Scale extends Module {
  readonly layer = new Linear(1, 1, { bias: false });
  constructor() {
    super();
    this.layer.weight.assign(tensor([[1]]));
  }
  override forward(x: Tensor): Tensor {
    return this.layer.forward(x);
  }
}

export const column = (...values: number[]): Tensor => tensor(values.map((value) => [value]));

/** A trainer for it: mean squared error, plain gradient descent with lr 0.1. */
export const scaling = (more: Partial<TrainerOptions> = {}): { model: Scale; trainer: Trainer } => {
  const model = new Scale();
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  return { model, trainer: new Trainer({ model, optimizer, loss: mse, ...more }) };
};
