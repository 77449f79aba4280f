import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "layers-first-weights",
  title: "Find the bug: signals that grow with every layer",
  kind: "find",
  points: 20,
  part: "implementation",
  source: "tensorgrad/src/03-layers/linear.ts",
  starts: "the spread follows the outputs",
  note: "03-layers#three-classic-bugs",
  task: "`new Linear(784, 10)` gives outputs of size 5, before it has learned anything. Weights should be uniform in ±1/√n, where n is how many numbers each output sums up. Find the line of the constructor and put it right.",
  hints: [
    "How many products does one output add up?",
    "Variances of n independent terms add up: a sum of more terms needs smaller weights.",
    "bound = 1/√(inputs); weight [outputs, inputs], bias [outputs]",
    "bound ← 1 / √max(1, inputs); weight ← uniform in ±bound of shape [outputs, inputs]; bias ← likewise [outputs], or null",
  ],
  mistakes: [
    {
      name: "the spread follows the outputs",
      wrong: `    const { bias = true, ...options } = checked("Linear", given, ["random", "bias"]);
    super();
    if (![inputs, outputs].every((n) => Number.isInteger(n) && n >= 0)) {
      throw new RangeError(\`Linear(\${inputs} → \${outputs}): sizes must be whole numbers, 0 or more\`);
    }
    const bound = 1 / Math.sqrt(Math.max(1, outputs));
    this.weight = new Parameter(init.uniform(zeros([outputs, inputs]), -bound, bound, options));
    this.bias = bias ? new Parameter(init.uniform(zeros([outputs]), -bound, bound, options)) : null;`,
      says: "The bound shrinks with the number of outputs. An output does not see how many others there are.",
    },
    {
      name: "the weight lies as [in, out]",
      wrong: `    const { bias = true, ...options } = checked("Linear", given, ["random", "bias"]);
    super();
    if (![inputs, outputs].every((n) => Number.isInteger(n) && n >= 0)) {
      throw new RangeError(\`Linear(\${inputs} → \${outputs}): sizes must be whole numbers, 0 or more\`);
    }
    const bound = 1 / Math.sqrt(Math.max(1, inputs));
    this.weight = new Parameter(init.uniform(zeros([inputs, outputs]), -bound, bound, options));
    this.bias = bias ? new Parameter(init.uniform(zeros([outputs]), -bound, bound, options)) : null;`,
      says: "The bound is right, the shape is not. A checkpoint of PyTorch would no longer fit.",
    },
    {
      name: "the variance taken for the bound",
      wrong: `    const { bias = true, ...options } = checked("Linear", given, ["random", "bias"]);
    super();
    if (![inputs, outputs].every((n) => Number.isInteger(n) && n >= 0)) {
      throw new RangeError(\`Linear(\${inputs} → \${outputs}): sizes must be whole numbers, 0 or more\`);
    }
    const bound = 1 / Math.max(1, inputs);
    this.weight = new Parameter(init.uniform(zeros([outputs, inputs]), -bound, bound, options));
    this.bias = bias ? new Parameter(init.uniform(zeros([outputs]), -bound, bound, options)) : null;`,
      says: "Now signals shrink with every layer. A bound is a length: the root of what a variance is.",
    },
  ],
};
