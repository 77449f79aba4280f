import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-trace",
  title: "The pass, one step at a time",
  kind: "write",
  points: 7,
  part: "implementation",
  source: "micrograd/src/graph.ts",
  note: "00-micrograd#the-code-in-reading-order",
  task: "Write the generator behind the stepper. It visits the nodes of `backwardOrder`. For each it yields the node, its gradient and what `propagate` returned. Stopped after k steps, exactly k nodes have handed on their gradients.",
  hints: [
    "When does the code after a `yield` run?",
    "A generator runs up to its next `yield`, and no further until someone asks.",
    "per node: { node, grad: node.grad, contributions: propagate(node) }",
    "for each node of backwardOrder(root): contributions ← propagate(node); yield node, its gradient, contributions",
  ],
  mistakes: [
    {
      name: "everything runs before the first step",
      wrong: `  const steps = backwardOrder(root).map((node) => ({
    node,
    grad: node.grad,
    contributions: propagate(node),
  }));
  yield* steps;`,
      says: "The whole pass ran before the first step was shown. Do one node's work between two yields.",
    },
    {
      name: "contributions are shown, but not added",
      wrong: `  for (const node of backwardOrder(root)) {
    yield { node, grad: node.grad, contributions: node.pullback(node.grad) };
  }`,
      says: "The derivative was asked, but the inputs were not told. Another function does both.",
    },
  ],
};
