import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-weights",
  title: "Find the bug: tanh that is always full",
  kind: "find",
  points: 6,
  part: "implementation",
  source: "micrograd/src/nn.ts",
  starts: "the spread does not depend on the number of inputs",
  note: "00-micrograd#three-classic-bugs",
  task: "A neuron with 300 inputs gives ±1 from the start, and learns nothing: tanh is flat there. The fault stands in the constructor. A weight drawn uniformly from −c to c has the variance c²/3. A sum of n products with inputs of variance 1 has n times as much. Find the line and put it right: the sum should have variance 1.",
  hints: [
    "How large is the sum of 300 products, typically?",
    "Variances of independent terms add up. The class's comment says what the variance of a weight must be.",
    "n·c²/3 = 1, so c = √(3/n)",
    "bound ← √(3 / nin), with nin checked by positive(…); weight ← bound · (2 · random() − 1)",
  ],
  mistakes: [
    {
      name: "the spread does not depend on the number of inputs",
      wrong: `    super();
    const bound = Math.sqrt(3) * Math.sign(positive("Neuron", nin));
    this.weights = Array.from({ length: nin }, (_, i) => new Value(bound * (2 * random() - 1), \`w\${i + 1}\`));
    this.nonlin = nonlin === true ? "tanh" : nonlin;
    if (this.nonlin === false || nonlins.includes(this.nonlin)) return;
    throw new TypeError(\`Neuron: got nonlin \${show(nonlin)} — expected \${nonlins.join(", ")} or a boolean\`);`,
      says: "Each weight has variance 1, so a sum of n products has variance n. Look at what the bound depends on.",
    },
    {
      name: "weights are never negative",
      wrong: `    super();
    const bound = Math.sqrt(3 / positive("Neuron", nin));
    this.weights = Array.from({ length: nin }, (_, i) => new Value(bound * random(), \`w\${i + 1}\`));
    this.nonlin = nonlin === true ? "tanh" : nonlin;
    if (this.nonlin === false || nonlins.includes(this.nonlin)) return;
    throw new TypeError(\`Neuron: got nonlin \${show(nonlin)} — expected \${nonlins.join(", ")} or a boolean\`);`,
      says: "`random()` lies between 0 and 1. A mean that is not 0 adds up over the inputs.",
    },
    {
      name: "the square root is missing",
      wrong: `    super();
    const bound = 3 / positive("Neuron", nin);
    this.weights = Array.from({ length: nin }, (_, i) => new Value(bound * (2 * random() - 1), \`w\${i + 1}\`));
    this.nonlin = nonlin === true ? "tanh" : nonlin;
    if (this.nonlin === false || nonlins.includes(this.nonlin)) return;
    throw new TypeError(\`Neuron: got nonlin \${show(nonlin)} — expected \${nonlins.join(", ")} or a boolean\`);`,
      says: "The sum is far too small now. A bound is a length, 3/n is the square of one.",
    },
  ],
};
