import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-mlp",
  title: "Find the bug: a loss that stops at 4",
  kind: "find",
  points: 6,
  part: "implementation",
  source: "micrograd/src/nn.ts",
  starts: "the last layer is bent, too",
  note: "00-micrograd#the-code-in-reading-order",
  task: "Someone fits y = 3 with an `MLP`. The output never passes 1, and the squared error stays at 4. The fault stands in the constructor of `MLP`. Hidden layers have an activation, the last layer is linear. Find the line and put it right.",
  hints: [
    "Which functions give nothing above 1?",
    "The comment above `MLP` says what its last layer is.",
    "layer i is hidden if i < nouts.length − 1; it takes nouts[i − 1] inputs, the first one nin",
    "for each layer i: new Layer(inputs of layer i, nouts[i], { nonlin: hidden and nonlin, random })",
  ],
  mistakes: [
    {
      name: "the last layer is bent, too",
      wrong: `    super();
    const { nonlin = true, seed = 0, random = seeded(seed) } = options;
    this.layers = nouts.map((nout, i) => new Layer(nouts[i - 1] ?? nin, nout, { nonlin, random }));`,
      says: "Every layer has the same activation. The outputs of tanh lie between −1 and 1.",
    },
    {
      name: "every layer draws the same numbers",
      wrong: `    super();
    const { nonlin = true, seed = 0 } = options;
    this.layers = nouts.map((nout, i) => {
      const hidden = i < nouts.length - 1;
      return new Layer(nouts[i - 1] ?? nin, nout, { nonlin: hidden && nonlin, seed });
    });`,
      says: "Each layer made a generator of its own from the seed. Layers of one size are copies of each other.",
    },
    {
      name: "every layer takes the network's inputs",
      wrong: `    super();
    const { nonlin = true, seed = 0, random = seeded(seed) } = options;
    this.layers = nouts.map((nout, i) => {
      const hidden = i < nouts.length - 1;
      return new Layer(nin, nout, { nonlin: hidden && nonlin, random });
    });`,
      says: "A layer reads the outputs of the layer before it. How many are there?",
    },
  ],
};
