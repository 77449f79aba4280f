import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "cross-entropy-backward",
  title: "What was predicted minus what was true",
  kind: "derive",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/04-losses/cross-entropy.ts",
  note: "04-losses#the-rule",
  task: "The loss of a row is ln Σ e^(x_j) − x_t. Derive ∂/∂x_j by hand, for j = t and for the others. g holds one number per row. Rows with a negative target have the gradient 0. Write `backward`: it returns the gradient of the logits [N, C], and null for the targets. `oneHot(targets, x)` is true at each row's class; `softmax` takes the logits, which are `this.prev[0]`.",
  hints: [
    "What does shifting all logits of a row do to its loss? So what is the sum of the gradients?",
    "The derivative of ln Σ e^(x_j) is the softmax. That of −x_t is −1 at the target.",
    "dx = (softmax(x) − onehot(t)) · g, g as a column [N, 1]; 0 where t < 0",
    "counted ← where targets < 0: 0, else g; as a column; dx ← (softmax(x) − oneHot as numbers) · counted; return [dx, null]",
  ],
  mistakes: [
    {
      name: "target's −1 forgotten",
      wrong: `    const [x, targets] = [this.#x, this.#targets];
    const counted = targets.lt(0).where(0, g).unsqueeze(1);
    return [() => softmax(x).mul(counted), null];`,
      says: "All logits are pushed down, the true one, too. The loss also holds −x_t.",
      fault: "crossEntropy: target's −1 forgotten",
    },
    {
      name: "the sign turned",
      wrong: `    const [x, targets] = [this.#x, this.#targets];
    const counted = targets.lt(0).where(0, g).unsqueeze(1);
    return [() => oneHot(targets, x).to(x.dtype).sub(softmax(x)).mul(counted), null];`,
      says: "This is the direction in which to step. The gradient points uphill.",
    },
    {
      name: "rows that do not count get a gradient",
      wrong: `    const [x, targets] = [this.#x, this.#targets];
    const counted = g.unsqueeze(1);
    return [() => softmax(x).sub(oneHot(targets, x).to(x.dtype)).mul(counted), null];`,
      says: "A row with a negative target has no true class. Nothing may flow back to it.",
    },
    {
      name: "what arrives is not multiplied in",
      wrong: `    const [x, targets] = [this.#x, this.#targets];
    const counted = targets.lt(0).where(0, g.mul(0).add(1)).unsqueeze(1);
    return [() => softmax(x).sub(oneHot(targets, x).to(x.dtype)).mul(counted), null];`,
      says: "The mean over a batch sends 1/N to every row. Each row's gradient is scaled by its g.",
    },
  ],
};
