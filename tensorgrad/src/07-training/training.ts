import type { Random } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import type { Schedule } from "../06-optimizers/index.ts";
import type { Trainer } from "./trainer.ts";

/** An optimizer, whatever its settings. */
export interface StatefulOptimizer {
  /** What a checkpoint keeps of it. */
  stateDict(): {
    readonly groups: readonly object[];
    readonly steps: readonly number[];
    readonly tensors: Readonly<Record<string, Tensor>>;
  };
  /** Goes on from what `stateDict` gave. */
  loadStateDict(state: never): void;
  /** Which tensors a state with these settings has: each name with a tensor of that shape and dtype. */
  tensorsFor?(groups: never): Readonly<Record<string, Tensor>>;
}

/** A DataLoader, or other batches that know their position. */
export interface StatefulLoader {
  /** What a checkpoint keeps of it: the epoch, the place in it, the generator. */
  stateDict(): object;
  /** Goes on from what `stateDict` gave. */
  loadStateDict(state: never): void;
  readonly random?: Random;
}

/** What takes part in a training: whatever is given is saved, and restored. */
export interface Training {
  readonly model: Module;
  readonly optimizer?: StatefulOptimizer;
  /** Its epoch, batch, sums and history; the state of its schedule and callbacks. */
  readonly trainer?: Trainer;
  /** Its place in the pass, and its generator. */
  readonly loader?: StatefulLoader;
  /** For loops without a trainer. */
  readonly schedule?: Schedule;
  /** Default: the generator everything draws from. Give all there are if layers or samplers have some of their own. */
  readonly random?: Random | readonly Random[];
}
