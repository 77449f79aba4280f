import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-neuron",
  title: "A neuron",
  kind: "write",
  points: 8,
  part: "implementation",
  source: "micrograd/src/nn.ts",
  note: "00-micrograd#the-code-in-reading-order",
  task: 'Compute y = nonlin(b + w₁·x₁ + … + wₙ·xₙ) with `Value`s. `this.nonlin` is the name of a method of `Value`, such as "tanh", or false for none. Refuse another number of inputs with a `RangeError` that names both numbers.',
  hints: [
    "What does a neuron without any input give?",
    "Start from the bias and add one product after the other.",
    "sum = b + Σ wᵢ·xᵢ; y = sum.tanh(), sum.relu(), sum.sigmoid() or sum",
    "if the counts differ, throw; sum ← bias; for each i: sum ← sum.add(wᵢ.mul(xᵢ)); return nonlin is false ? sum : sum[nonlin]()",
  ],
  mistakes: [
    {
      name: "the bias is missing",
      wrong: `    const nin = this.weights.length;
    if (x.length !== nin) throw new RangeError(\`Neuron(\${nin}): got \${x.length} inputs — expected \${nin}\`);
    const sum = this.weights.reduce((sum, w, i) => sum.add(w.mul(x[i]!)), new Value(0));
    return this.nonlin ? sum[this.nonlin]() : sum;`,
      says: "All inputs 0 gives 0. A neuron without a bias can only draw lines through the origin.",
    },
    {
      name: "always tanh",
      wrong: `    const nin = this.weights.length;
    if (x.length !== nin) throw new RangeError(\`Neuron(\${nin}): got \${x.length} inputs — expected \${nin}\`);
    const sum = this.weights.reduce((sum, w, i) => sum.add(w.mul(x[i]!)), this.bias);
    return sum.tanh();`,
      says: "The output is squashed whatever `nonlin` says. A linear neuron and a ReLU are neurons, too.",
    },
    {
      name: "any number of inputs is taken",
      wrong: `    const sum = this.weights.reduce((sum, w, i) => sum.add(w.mul(x[i] ?? 0)), this.bias);
    return this.nonlin ? sum[this.nonlin]() : sum;`,
      says: "Missing inputs count as 0 and further ones are ignored. The user never hears of the mistake.",
    },
  ],
};
