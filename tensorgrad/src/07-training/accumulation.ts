import type { Tensor } from "../01-tensor/index.ts";
import { scaleGradients } from "../06-optimizers/index.ts";
import { type Batch, examplesOf } from "./batches.ts";

/**
 * A group of batches whose gradients add up, so that one step of the optimizer sees them as one big batch. The loss
 * is taken for a mean over the examples of its batch: each batch weighs as many examples as it has.
 *
 *   ∇ = Σᵢ (nᵢ/N)·∇lossᵢ,  N = Σ nᵢ
 */
export class Accumulation {
  readonly size: number;
  #batches = 0;
  #examples = 0;
  #loss = 0;
  #expected = 0; // examples of a whole group, if all batches were as large as the first

  constructor(size = 1) {
    this.size = size;
  }

  get isEmpty(): boolean {
    return this.#batches === 0;
  }

  get isFull(): boolean {
    return this.#batches === this.size;
  }

  /** The mean loss over all examples so far. */
  get loss(): number {
    return this.#loss;
  }

  /** Counts a batch in. Returns what `loss.backward` begins with: the batch's share, or null for all of it. */
  add(batch: Batch, loss: Tensor): Tensor | null {
    const count = examplesOf(batch);
    if (this.isEmpty) this.#expected = this.size * count;
    this.#batches++;
    this.#examples += count;
    this.#loss += (loss.item() - this.#loss) * (count / this.#examples);
    return this.size === 1 ? null : loss.newFrom([count / this.#expected], loss.shape);
  }

  /** Before the step: makes up for batches of different sizes, and for a group that is not whole. */
  finish(parameters: readonly Tensor[]): void {
    const correction = this.#expected / this.#examples;
    if (correction !== 1) scaleGradients(parameters, correction);
  }

  /** Begins the next group. */
  reset(): void {
    [this.#batches, this.#examples, this.#loss] = [0, 0, 0];
  }
}
