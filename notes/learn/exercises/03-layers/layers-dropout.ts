import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "layers-dropout",
  title: "Dropout",
  kind: "write",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/03-layers/dropout.ts",
  note: "03-layers#the-rule",
  task: "While training, each element is silenced with probability p and else multiplied by 1/(1 − p). Show by hand that the expected value stays. In evaluation nothing happens. `dropoutMask(x, p, random)` draws a tensor of 0 and 1/(1 − p); draw from the layer's own generator, so that a seed repeats a run.",
  hints: [
    "What is p·0 + (1 − p)·x/(1 − p)?",
    "`this.training` says in which mode the layer is. With p = 0 there is nothing to do either.",
    "training: y = x · mask; else y = x",
    "if not training, or p = 0: return x; y ← x.asFloat(); return y · dropoutMask(y, this.p, this.#random)",
  ],
  mistakes: [
    {
      name: "silences in evaluation, too",
      wrong: `    if (this.p === 0) return x;
    const y = x.asFloat();
    return y.mul(dropoutMask(y, this.p, this.#random));`,
      says: "Test results would differ from run to run. Look at the mode first.",
    },
    {
      name: "1/(1 − p) forgotten",
      wrong: `    if (!this.training || this.p === 0) return x;
    const y = x.asFloat();
    return dropoutMask(y, this.p, this.#random).gt(0).where(y, 0);`,
      says: "The rest keeps its size, so the mean shrinks. The mask already holds the factor.",
      fault: "Dropout: 1/(1 − p) forgotten",
    },
    {
      name: "another generator",
      wrong: `    if (!this.training || this.p === 0) return x;
    const y = x.asFloat();
    return y.mul(dropoutMask(y, this.p));`,
      says: "The generator that the user gave was not asked. The same seed must give the same mask.",
    },
  ],
};
