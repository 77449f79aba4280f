import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-propagate",
  title: "One step back",
  kind: "write",
  points: 10,
  part: "implementation",
  source: "micrograd/src/value.ts",
  note: "00-micrograd#three-classic-bugs",
  task: "The gradient of `node` is complete. Ask its `pullback` for the contributions, one for each input in `node.prev`. Hand each one to its input. Return the contributions, which the stepper shows. If they are no list of numbers, one per input, throw `wrongList(…)` as the rest of the file does.",
  hints: [
    "x·x has one input twice. What must its gradient be at 3?",
    "An input may feed several nodes, and effects add up: see *Three classic bugs* in note 00.",
    "grad(input i) += contribution i, for every i",
    "contributions ← node.pullback(node.grad); refuse a wrong list; for each i: prev[i].grad += contributions[i]; return contributions",
  ],
  mistakes: [
    {
      name: "assigned instead of added",
      wrong: `  const contributions = node.pullback(node.grad);
  if (!isListOf(contributions, isNumber) || contributions.length !== node.prev.length)
    throw wrongList(
      \`backward through \${show(node.op)}\`,
      contributions,
      \`a number for each of \${node.prev.length} inputs\`,
    );
  for (let i = 0; i < contributions.length; i++) node.prev[i]!.grad = contributions[i]!;
  return contributions;`,
      says: "The last use of a value overwrites the others. A value that is used twice has two effects.",
      fault: "micrograd: the last contribution overwrites the others",
    },
    {
      name: "the list is not checked",
      wrong: `  const contributions = node.pullback(node.grad);
  for (let i = 0; i < contributions.length; i++) node.prev[i]!.grad += contributions[i]!;
  return contributions;`,
      says: "A derivative that gives too few numbers goes unnoticed: some inputs then learn nothing.",
    },
    {
      name: "nothing returned",
      wrong: `  const contributions = node.pullback(node.grad);
  if (!isListOf(contributions, isNumber) || contributions.length !== node.prev.length)
    throw wrongList(
      \`backward through \${show(node.op)}\`,
      contributions,
      \`a number for each of \${node.prev.length} inputs\`,
    );
  for (let i = 0; i < contributions.length; i++) node.prev[i]!.grad += contributions[i]!;
  return [];`,
      says: "The gradients are right, but the stepper has nothing to show. Return what you handed on.",
    },
  ],
};
