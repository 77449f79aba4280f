import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-mul",
  title: "A product and its two slopes",
  kind: "derive",
  points: 10,
  part: "implementation",
  source: "micrograd/src/value.ts",
  note: "00-micrograd#the-rule",
  task: "Derive by hand: z = x·y, and g is the gradient of z. Which gradient has x, and which has y? Then write `mul`: it returns a `Value` with the product, its two inputs in order, and a function from g to both gradients. `operand` turns a plain number into a `Value`; `record` makes the result.",
  hints: [
    "If x grows by a little, by how much does x·y grow?",
    "The slope of a product along one factor is the other factor: see *The rule* in note 00.",
    "∂z/∂x = y and ∂z/∂y = x, so the gradients are g·y and g·x.",
    'right ← operand("mul", this, other); keep both numbers in constants; return record("*", both inputs, product, g → [g · second, g · first])',
  ],
  mistakes: [
    {
      name: "each factor gets itself",
      wrong: `    const right = operand("mul", this, other);
    const x = this.data;
    const y = right.data;
    return record("*", [this, right], x * y, (g) => [g * x, g * y]);`,
      says: "Each factor got its own value as slope. Ask how far the product moves when this factor moves by 1.",
      fault: "micrograd mul: each factor gets itself",
    },
    {
      name: "the gradient of the result is missing",
      wrong: `    const right = operand("mul", this, other);
    const x = this.data;
    const y = right.data;
    return record("*", [this, right], x * y, () => [y, x]);`,
      says: "These are the local slopes. The chain rule multiplies them with what arrives from the result.",
    },
    {
      name: "reads the data when backward runs",
      wrong: `    const right = operand("mul", this, other);
    return record("*", [this, right], this.data * right.data, (g) => [g * right.data, g * this.data]);`,
      says: "The function reads `data` during backward. Someone may have changed it by then, as every training step does.",
    },
    {
      name: "plain numbers are not turned into Values",
      wrong: `    const right = other as Value;
    const x = this.data;
    const y = right.data;
    return record("*", [this, right], x * y, (g) => [g * y, g * x]);`,
      says: "A plain number has no `data`. One function of this file makes a `Value` of it.",
    },
  ],
};
