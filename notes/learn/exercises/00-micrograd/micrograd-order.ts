import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-order",
  title: "Ready for the walk back",
  kind: "write",
  points: 8,
  part: "implementation",
  source: "micrograd/src/value.ts",
  note: "00-micrograd#the-rule",
  task: "Prepare a backward pass. Gradients of inner nodes start from 0. Leaves keep theirs: several losses may add to them. The root's gradient grows by 1. Return the nodes in the order of the walk: each one before its inputs. `topologicalSort` gives the opposite order.",
  hints: [
    "Call `backward()` twice on one graph. Which gradients should double?",
    "A leaf has no inputs. Only leaves collect over several calls: see question 3 and the third bug in note 00.",
    "inner nodes: grad = 0; root: grad += 1, because d root / d root = 1",
    "order ← topologicalSort(root); for each node with inputs: grad ← 0; root.grad += 1; return order, reversed",
  ],
  mistakes: [
    {
      name: "leaves start from 0, too",
      wrong: `  const order = topologicalSort(root);
  for (const node of order) node.grad = 0;
  root.grad += 1;
  return order.reverse();`,
      says: "The sum of two losses needs both gradients. Leaves must keep what an earlier call left.",
    },
    {
      name: "inner nodes keep their gradients",
      wrong: `  const order = topologicalSort(root);
  root.grad += 1;
  return order.reverse();`,
      says: "A second call hands on the first call's gradients again. They were counted already.",
    },
    {
      name: "the root has no seed",
      wrong: `  const order = topologicalSort(root);
  for (const node of order) if (node.prev.length > 0) node.grad = 0;
  return order.reverse();`,
      says: "All gradients are 0. How far does the result move when the result moves by 1?",
    },
  ],
};
