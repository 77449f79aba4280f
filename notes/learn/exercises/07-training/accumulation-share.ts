import type { Exercise } from "../../exercise.ts";

export const accumulationShare: Exercise = {
  id: "accumulation-share",
  title: "Accumulation: what a batch weighs",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/07-training/accumulation.ts",
  note: "07-training#the-rule",
  task:
    "First on paper: the loss of N examples is a mean. Write it with the mean losses of batches of n₁, n₂, … examples. What weighs batch i? " +
    "Then write `add`. It returns what `backward` begins with, or null for 1. The sizes of later batches are not known yet. " +
    "So the first batch sets `expected`: the examples of a group if all batches were as large. `finish` corrects that later. " +
    "Keep the mean loss over all examples in `loss`. With several ranks the share is `ranks.size` times as large. `precision.scale` multiplies it.",
  hints: [
    "Two batches have 3 examples and 1. How much of the mean of all four is the mean of the first three?",
    "The gradient of a mean is the mean of gradients: each batch weighs as many examples as it has. Read *Accumulation* in note 07, and what `finish` does.",
    "∇ = Σᵢ (nᵢ/N)·∇lossᵢ. With N not known, the share is own·ranks/expected. Running mean: loss += (lossᵢ − loss)·nᵢ/(examples so far).",
    "if empty: expected ← size·examples; count batch and examples; move the mean loss by its share; share ← own·(ranks or 1)/expected·(scale or 1); null if it is 1, else a tensor of the loss's shape that holds it",
  ],
  mistakes: [
    {
      name: "every batch weighs the same",
      wrong: `if (this.isEmpty) this.#expected = this.size * seen.examples;
this.#batches++;
this.#examples += seen.examples;
this.#loss += (seen.loss - this.#loss) * (seen.examples / this.#examples);
const share = ((this.#ranks?.size ?? 1) / this.size) * (this.#precision?.scale ?? 1);
return share === 1 || own === 0 ? null : loss.newFrom([share], loss.shape);`,
      says: "A batch of one example weighs as much as a batch of three in your sum. Equal batches hide it.",
    },
    {
      name: "gradients are added, not averaged",
      wrong: `if (this.isEmpty) this.#expected = this.size * seen.examples;
this.#batches++;
this.#examples += seen.examples;
this.#loss += (seen.loss - this.#loss) * (seen.examples / this.#examples);
const share = (this.#precision?.scale ?? 1) * (own > 0 ? 1 : 0);
return share === 1 ? null : loss.newFrom([share], loss.shape);`,
      says: "Each batch comes in with its whole mean gradient. Two batches then make a step twice as long.",
    },
    {
      name: "the loss is a mean over batches",
      wrong: `if (this.isEmpty) this.#expected = this.size * seen.examples;
this.#batches++;
this.#examples += seen.examples;
this.#loss += (seen.loss - this.#loss) / this.#batches;
const share = ((own * (this.#ranks?.size ?? 1)) / this.#expected) * (this.#precision?.scale ?? 1);
return share === 1 ? null : loss.newFrom([share], loss.shape);`,
      says: "The gradients are right. The loss that is reported is not: a small batch counts as much as a large one in it.",
    },
  ],
};
