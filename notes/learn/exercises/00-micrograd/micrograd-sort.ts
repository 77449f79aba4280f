import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-sort",
  title: "An order for the walk",
  kind: "write",
  points: 10,
  part: "implementation",
  source: "micrograd/src/value.ts",
  note: "00-micrograd#the-rule",
  task: "Return every node behind `root`, each one once, and each one after all of its inputs. A chain of a million nodes must work. JavaScript's own stack ends at some ten thousand calls, so keep a stack yourself. `node.seen` and the counter `walks` help to mark nodes; a set does it, too.",
  hints: [
    "When may a node be written to the list?",
    "Depth first: go down to an input that was not visited. A node is done when it has none left.",
    "stack = path from the root down to the current node; a node leaves it when all its inputs are marked",
    "stack ← [root]; while it is not empty: mark its top; find an unmarked input; if there is one, push it; else pop the top into the order",
  ],
  mistakes: [
    {
      name: "users before inputs, turned round",
      wrong: `  const order: Value[] = [];
  const stack = [root];
  const seen = new Set(stack);
  while (stack.length > 0) {
    const node = stack.pop()!;
    order.push(node);
    for (const input of node.prev) {
      if (seen.has(input)) continue;
      seen.add(input);
      stack.push(input);
    }
  }
  return order.reverse();`,
      says: "Nodes were listed when they were found. A node that is reached by a short way and by a long one then comes too early.",
    },
    {
      name: "no mark on visited nodes",
      wrong: `  const visit = (node: Value): Value[] => [...node.prev.flatMap(visit), node];
  return visit(root);`,
      says: "A node with two users is listed twice. Its gradient would be handed on twice.",
    },
    {
      name: "recursion",
      wrong: `  const order: Value[] = [];
  const seen = new Set<Value>();
  const visit = (node: Value): void => {
    if (seen.has(node)) return;
    seen.add(node);
    node.prev.forEach(visit);
    order.push(node);
  };
  visit(root);
  return order;`,
      says: "The order is right. A long chain needs one nested call per node, and the stack of calls is short.",
    },
  ],
};
