import { Function, type Tensor } from "../01-tensor/index.ts";
import { expectModule, type Module } from "../03-layers/index.ts";
import { BatchNorm1d, BatchNorm2d } from "../09-spatial/index.ts";
import { expectGroup, type Group, init } from "./group.ts";

/**
 * The sum over all ranks. A number of one rank reaches the loss of every rank, so its gradient is the sum of all gradients.
 *
 *   y = Σᵣ xᵣ,  ∂L/∂x = Σᵣ gᵣ
 */
class SumOverRanks extends Function {
  readonly #group: Group;

  constructor(group: Group) {
    super();
    this.#group = group;
  }

  forward(x: Tensor): Tensor {
    const values = x.dtype === "float64" ? Float64Array.from(x.data) : Float32Array.from(x.data);
    this.#group.sumInPlace(values);
    return x.newFrom(values, x.shape);
  }

  backward(g: Tensor): Tensor[] {
    return [new SumOverRanks(this.#group).apply(g)];
  }
}

/**
 * Makes all batch norms of a model take their statistics over the batches of all ranks. So two ranks with 32 images each learn
 * what one with 64 does; and running statistics stay equal everywhere.
 *
 * Cost    two messages of one number per channel and layer, forward; as many backward
 * Source  as PyTorch's SyncBatchNorm
 */
export function syncBatchNorm(model: Module, group: Group = init()): void {
  expectModule("syncBatchNorm", model);
  expectGroup("syncBatchNorm", group);
  if (group.size === 1) return;
  const summed = (t: Tensor): Tensor => new SumOverRanks(group).apply(t);
  for (const [, layer] of model.modules()) {
    if (layer instanceof BatchNorm1d || layer instanceof BatchNorm2d)
      layer.shared = (x) => {
        const [count] = group.sum([x.size / x.shape[1]]);
        const dims = x.shape.map((_, dim) => dim).filter((dim) => dim !== 1);
        const mean = summed(x.sum(dims)).div(count);
        const centred = x.sub(mean.reshape([1, mean.size, ...Array<number>(x.rank - 2).fill(1)]));
        return { mean, variance: summed(centred.square().sum(dims)).div(count), count };
      };
  }
}
