import { heap, scope, type Tensor } from "tensorgrad";
import type { Module } from "tensorgrad/nn";

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
