import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-nodes",
  title: "How large is the graph?",
  kind: "predict",
  points: 8,
  part: "systems",
  note: "00-micrograd#systems-analysis",
  task: "`new MLP(2, [3, 1])` has three hidden neurons with tanh and one linear output. Its output for one example is a graph. Count its nodes before you measure: leaves (inputs, weights, biases) and results of operations. The check builds the graph and counts.",
  hints: [
    "Draw one neuron with two inputs. How many circles and boxes does it have?",
    "A neuron with n inputs makes n products, n sums and perhaps one tanh. Inputs are shared by all neurons.",
    "leaves = inputs + parameters; results = Σ over neurons of 2n (+ 1 with tanh)",
    "leaves ← 2 + (3·2 + 3) + (3 + 1); results ← 3 · (2 + 2 + 1) + (3 + 3); nodes ← leaves + results",
  ],
  mistakes: [
    {
      name: "biases forgotten",
      wrong: { leaves: 11, nodes: 28 },
      says: "Each neuron has a bias: one more leaf, and one more sum.",
    },
    {
      name: "inputs counted once per neuron",
      wrong: { leaves: 19, nodes: 40 },
      says: "`Layer` makes its inputs Values once. All neurons share them.",
    },
    {
      name: "tanh forgotten",
      wrong: { leaves: 15, nodes: 33 },
      says: "An activation is an operation. It makes a node as every other one.",
    },
  ],
  questions: [
    { name: "leaves", ask: "How many nodes have no inputs?", unit: "nodes" },
    { name: "nodes", ask: "How many nodes has the graph in all?", unit: "nodes" },
  ],
};
