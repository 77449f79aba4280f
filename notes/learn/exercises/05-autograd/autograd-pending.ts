import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "autograd-pending",
  title: "One contribution per use",
  kind: "write",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/05-autograd/pending.ts",
  note: "05-autograd#the-rule",
  task: "Gradients on their way wait in the map `#gradients`. Write `add`: one use of x hands over its contribution, or null for nothing. Keep the sum of all of them. Memory: `this.#letOut(sum)` moves the sum out of the rule that made it. `this.#count(sum, 1)` says that it waits here, `this.#count(before, -1)` that the old sum no longer does.",
  hints: [
    "What does the map hold for x at the first use, and what at the second?",
    "Contributions of several uses add up. Null adds nothing.",
    "sum = before + contribution, or the contribution alone at the first use",
    "if there is none, return; before ← map of x; sum ← before ? before.add(contribution) : contribution; let it out; put it into the map; count sum +1; if there was one before, count it −1",
  ],
  mistakes: [
    {
      name: "the last path wins where paths meet",
      wrong: `    if (!contribution) return;
    const before = this.#gradients.get(x);
    const sum = contribution;
    this.#letOut(sum);
    this.#gradients.set(x, sum);
    this.#count(sum, 1);
    if (before) this.#count(before, -1);`,
      says: "A later use overwrote the earlier ones. All of them move the result.",
      fault: "backward: the last path wins where paths meet",
    },
    {
      name: "the first path wins",
      wrong: `    if (!contribution) return;
    if (this.#gradients.has(x)) return;
    this.#letOut(contribution);
    this.#gradients.set(x, contribution);
    this.#count(contribution, 1);`,
      says: "Only the first use was counted. What of the second?",
    },
    {
      name: "the sum ends with the rule that made it",
      wrong: `    if (!contribution) return;
    const before = this.#gradients.get(x);
    const sum = before ? before.add(contribution) : contribution;
    this.#gradients.set(x, sum);
    this.#count(sum, 1);
    if (before) this.#count(before, -1);`,
      says: "The sum was made while one rule ran, and its memory ends there. It is still needed: let it out.",
    },
  ],
};
