import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "autograd-accumulate",
  title: "Find the bug: only the last batch counts",
  kind: "find",
  points: 15,
  part: "implementation",
  source: "tensorgrad/src/05-autograd/backward.ts",
  starts: "assigned instead of accumulated",
  note: "05-autograd#five-questions",
  task: "Someone splits a large batch into four, calls `backward()` for each part, and steps once. The model learns as if there were only the last part. `accumulate` hands the walk's gradients to the leaves. It must add to what is there. It must also copy a gradient that somebody else holds (`unshared`), and let it live as long as its leaf (`give`). Put it right.",
  hints: [
    "What stands in `leaf.grad` when the second call comes?",
    "The gradient of a sum of losses is the sum of their gradients: see question 4 of note 05.",
    "leaf.grad ← leaf.grad + g, or g alone at the first call",
    "if leaf.grad may be changed in place: addInto(g, leaf.grad) and count the change; else total ← leaf.grad ? leaf.grad.add(g) : unshared(g, pass); give(total.storage, …); leaf.grad ← total",
  ],
  mistakes: [
    {
      name: "assigned instead of accumulated",
      wrong: `  const total = unshared(g, pass);
  give(total.storage, leaf.storage.owner ?? null);
  leaf.grad = total;`,
      says: "What earlier calls had left is gone. Where is it added?",
      fault: "backward: gradient assigned instead of accumulated",
    },
    {
      name: "the gradient ends with the pass",
      wrong: `  const total = leaf.grad ? leaf.grad.add(g) : unshared(g, pass);
  leaf.grad = total;
  return;`,
      says: "The sum is right, but its memory was freed when the pass ended. Give it to the leaf's owner.",
    },
    {
      name: "two leaves share one gradient",
      wrong: `  if (leaf.grad && pass && leaf.grad.isLeaf && leaf.grad.isContiguous()) {
    addInto(g.contiguous(), leaf.grad);
    leaf.grad.storage.version++;
    return;
  }
  const total = leaf.grad ? leaf.grad.add(g) : g;
  give(total.storage, leaf.storage.owner ?? null);
  leaf.grad = total;`,
      says: "In a + b both get one and the same tensor. Adding to one of them changes the other.",
    },
  ],
};
