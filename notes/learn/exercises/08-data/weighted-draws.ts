import type { Exercise } from "../../exercise.ts";

export const weightedDraws: Exercise = {
  id: "weighted-draws",
  title: "Weighted draws without replacement",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/08-data/loading/sampler.ts",
  note: "08-data#the-rule",
  task:
    "Each example i gets the key uᵢ^(1/wᵢ), with uᵢ uniform in (0, 1); the largest keys are drawn. " +
    "First on paper, for two examples: show that the first has the larger key with probability w₁/(w₁ + w₂). " +
    "Then write it with logarithms, which do not underflow: the same order, other keys. " +
    "`random.uniform()` is in [0, 1), so take 1 − u. An example of weight 0 is never drawn. The result holds `this.length` numbers.",
  hints: [
    "What is the probability that u^(1/w) is below x? Which density does it have?",
    "P(u^(1/w) < x) = x^w. Integrate the density of the one times the probability that the other is smaller. The logarithm keeps the order.",
    "∫ w₁·x^(w₁ − 1)·x^w₂ dx over 0…1 = w₁/(w₁ + w₂). ln u^(1/w) = ln(u)/w, and larger comes first.",
    "keys ← ln(1 − uniform)/weight for each weight; numbers ← 0…n − 1 without those of weight 0; sort by key, largest first; take the first `length`",
  ],
  mistakes: [
    {
      name: "the smallest keys are drawn",
      wrong: `const keys = this.#weights.map((weight) => Math.log(1 - random.uniform()) / weight);
const drawable = Int32Array.from(keys.keys()).filter((i) => this.#weights[i] > 0);
return drawable.sort((a, b) => keys[a] - keys[b]).subarray(0, this.length);`,
      says: "Heavy examples come last with your order. Their keys are the largest: logarithms of numbers near 1.",
    },
    {
      name: "the draw is multiplied by the weight",
      wrong: `const keys = this.#weights.map((weight) => (1 - random.uniform()) * weight);
const drawable = Int32Array.from(keys.keys()).filter((i) => this.#weights[i] > 0);
return drawable.sort((a, b) => keys[b] - keys[a]).subarray(0, this.length);`,
      says: "u·w prefers heavy examples, but too much: of weights 1 and 3 the second leads in 5/6 of the draws, not in 3/4.",
    },
    {
      name: "drawn with replacement",
      wrong: `const total = this.#weights.reduce((sum, weight) => sum + weight, 0);
return Int32Array.from({ length: this.length }, () => {
  let left = random.uniform() * total;
  return this.#weights.findIndex((weight) => (left -= weight) < 0);
});`,
      says: "Your draws do not depend on each other, so an example can come twice. Without replacement it is gone once it was drawn.",
    },
  ],
};
