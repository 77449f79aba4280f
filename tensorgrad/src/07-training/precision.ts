import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import type { Json } from "./callbacks/callback.ts";
import type { When } from "./divergence.ts";

/** In which numbers a trainer computes, and what that asks of the loss and the gradients. */
export interface Precision {
  /** The model's output, in float32. */
  forward(model: Module, x: Tensor): Tensor;
  /** The loss is multiplied by this before `backward`, so that small gradients do not become 0. */
  readonly scale: number;
  /**
   * Divides the gradients by the scale.
   *
   * Returns  whether they are finite; if not, the step is skipped, and the next one has another scale
   * Throws   DivergenceError if no scale helps
   */
  unscale(parameters: readonly Tensor[], model: Module, when: When): boolean;
  /** What a checkpoint keeps of it. */
  stateDict(): Json;
  /** Throws  FormatError for what is no such state; then nothing was changed */
  loadStateDict(state: Json): void;
}
