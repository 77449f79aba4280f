import { heap, scope, type Tensor } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { crossEntropy, type Module } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";

/** What a training loop does, in order. */
export const PHASES = ["before", "forward", "loss", "backward", "step", "after"] as const;
export type Phase = (typeof PHASES)[number];

/** Bytes of the tensor heap at the end of each phase, and the most there were. */
export type MemoryProfile = Record<Phase, number> & { peak: number };

export interface ProfiledStep {
  model: Module;
  optimizer: { step(): void; zeroGrad(): void };
  loss: (output: Tensor, target: Tensor) => Tensor;
  x: Tensor;
  y: Tensor;
}

/** Takes one training step and reads the heap after each part of it; `before` and `after` must be equal. */
export function profileStep({ model, optimizer, loss, x, y }: ProfiledStep): MemoryProfile {
  const profile = { before: heap.live, peak: 0 } as MemoryProfile;
  heap.resetPeak();
  {
    using _ = scope();
    const output = model.forward(x);
    profile.forward = heap.live;
    const value = loss(output, y);
    profile.loss = heap.live;
    value.backward();
    profile.backward = heap.live;
    optimizer.step();
    optimizer.zeroGrad();
    profile.step = heap.live;
  }
  profile.after = heap.live;
  profile.peak = heap.peak;
  return profile;
}

/** What a training step takes of the heap for batches of one size, its gradients included, the batch itself not. */
export interface BatchMemory {
  batchSize: number;
  peakBytes: number;
}

/** Profiles a step of SGD on cross-entropy for batches of 1 to 512 examples. */
export function memoryPerBatchSize(make: () => Module, data: ImageDataset): BatchMemory[] {
  const model = make();
  const optimizer = new SGD(model.parameters(), { lr: 1e-3 });
  return [1, 32, 64, 128, 256, 384, 512].map((batchSize) => {
    const indices = Int32Array.from({ length: batchSize }, (_, i) => i % data.length);
    const { x, y } = data.batch(indices);
    const profile = profileStep({ model, optimizer, loss: crossEntropy, x, y });
    for (const tensor of [x, y]) tensor.dispose();
    return { batchSize, peakBytes: profile.peak - profile.before };
  });
}
