import type { Tensor } from "../01-tensor/index.ts";
import { scaleGradients } from "../06-optimizers/index.ts";
import type { TrainerOptions } from "./options.ts";
import type { Precision } from "./precision.ts";
import type { Ranks, Seen } from "./ranks.ts";

/**
 * A group of batches whose gradients add up, so that one step of the optimizer sees them as one big batch. The loss
 * is taken for a mean over the examples of its batch: each batch weighs as many examples as it has.
 *
 *   ∇ = Σᵢ (nᵢ/N)·∇lossᵢ,  N = Σ nᵢ
 *
 * With several ranks, i goes over the batches of all of them; each rank adds up its own, and the mean over ranks follows.
 */
export class Accumulation {
  readonly size: number;
  #batches = 0;
  #examples = 0;
  #loss = 0;
  #expected = 0; // examples of a whole group, if all batches were as large as the first
  readonly #ranks: Ranks | undefined;
  readonly #precision: Precision | undefined;

  constructor({
    accumulate = 1,
    ranks,
    precision,
  }: Pick<TrainerOptions, "accumulate" | "ranks" | "precision"> = {}) {
    [this.size, this.#ranks, this.#precision] = [accumulate, ranks, precision];
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

  /**
   * Counts a batch in, of which `own` examples are this rank's. Returns what `loss.backward` begins with: their share, or null
   * for all of it, times the scale of the loss.
   */
  // exercise: accumulation-share
  add(seen: Seen, own: number, loss: Tensor): Tensor | null {
    if (this.isEmpty) this.#expected = this.size * seen.examples;
    this.#batches++;
    this.#examples += seen.examples;
    this.#loss += (seen.loss - this.#loss) * (seen.examples / this.#examples);
    const share = ((own * (this.#ranks?.size ?? 1)) / this.#expected) * (this.#precision?.scale ?? 1);
    return share === 1 ? null : loss.newFrom([share], loss.shape);
  }

  /** Before the step: makes up for batches of different sizes, and for a group that is not whole. */
  finish(parameters: readonly Tensor[]): void {
    this.#ranks?.averageGradients(parameters);
    const correction = this.#expected / this.#examples;
    if (correction !== 1) scaleGradients(parameters, correction);
  }

  /** Begins the next group. */
  reset(): void {
    [this.#batches, this.#examples, this.#loss] = [0, 0, 0];
  }
}
