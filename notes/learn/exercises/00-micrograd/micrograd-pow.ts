import type { Exercise } from "../../exercise.ts";

export const exercise: Exercise = {
  id: "micrograd-pow",
  title: "A power, and what happens at 0",
  kind: "derive",
  points: 10,
  part: "implementation",
  source: "micrograd/src/value.ts",
  note: "00-micrograd#the-rule",
  task: "Derive by hand both slopes of z = x^y: along x, and along y. Then write `pow`. A plain number as exponent is a constant: the result has x as its only input. A `Value` as exponent has a gradient, too. At x = 0 a formula can give 0·∞, which is NaN: use the limit 0 there (y = 0 for the first slope, y ≥ 0 for the second).",
  hints: [
    "Write x^y as e^(y·ln x). What is its slope along y?",
    "The power rule lowers the exponent by one. The slope of an exponential is itself times an inner slope.",
    "∂z/∂x = y·x^(y − 1) and ∂z/∂y = x^y·ln x",
    'dx ← 0 if y = 0, else y · x^(y−1); if the exponent is a number: record(its name, [this], …, g → [g·dx]); dy ← 0 if x = 0 and y ≥ 0, else x^y · ln x; record("^", [this, power], …, g → [g·dx, g·dy])',
  ],
  mistakes: [
    {
      name: "the exponent not lowered",
      wrong: `    const power = operand("pow", this, exponent);
    const x = this.data;
    const y = power.data;
    const dx = y === 0 ? 0 : y * x ** y;
    if (typeof exponent === "number") return record(\`^\${y}\`, [this], x ** y, (g) => [g * dx]);
    const dy = x === 0 && y >= 0 ? 0 : x ** y * Math.log(x);
    return record("^", [this, power], x ** y, (g) => [g * dx, g * dy]);`,
      says: "The slope along x still has the old exponent. Try x²: its slope at 3 is 6.",
      fault: "micrograd pow: the exponent not lowered",
    },
    {
      name: "the exponent's gradient without the logarithm",
      wrong: `    const power = operand("pow", this, exponent);
    const x = this.data;
    const y = power.data;
    const dx = y === 0 ? 0 : y * x ** (y - 1);
    if (typeof exponent === "number") return record(\`^\${y}\`, [this], x ** y, (g) => [g * dx]);
    const dy = x === 0 && y >= 0 ? 0 : x ** y;
    return record("^", [this, power], x ** y, (g) => [g * dx, g * dy]);`,
      says: "Only eˣ is its own slope. Another base brings a factor with it.",
      fault: "micrograd pow: the exponent's gradient without the logarithm",
    },
    {
      name: "0·∞ at x = 0",
      wrong: `    const power = operand("pow", this, exponent);
    const x = this.data;
    const y = power.data;
    const dx = y * x ** (y - 1);
    if (typeof exponent === "number") return record(\`^\${y}\`, [this], x ** y, (g) => [g * dx]);
    const dy = x ** y * Math.log(x);
    return record("^", [this, power], x ** y, (g) => [g * dx, g * dy]);`,
      says: "At x = 0 one factor is 0 and the other infinite. JavaScript's product of both is NaN.",
    },
  ],
};
