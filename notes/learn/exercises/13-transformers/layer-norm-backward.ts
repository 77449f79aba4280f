import type { CodeExercise } from "../../exercise.ts";

/** The loop over rows around what one row does. */
const rows = (row: string) => `
  for (let r = 0; r < rows; r++) {
    const [shift, rest, scale] = stats.subarray(3 * r);
${row}
  }`;

/** Sums of ĝ and of ĝ·x̂, then dx from them. */
const twoPasses = (scaled: string, dx: string) =>
  rows(`
    let [sum, dot] = [0, 0];
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      sum += ${scaled};
      dot += ${scaled} * (x[i] - shift - rest) * scale;
    }
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      const normal = (x[i] - shift - rest) * scale;
      dx[i] = ${dx};
    }`);

export const layerNormBackward: CodeExercise = {
  id: "layer-norm-backward",
  kind: "derive",
  title: "The gradient of layer normalization",
  points: 30,
  part: "implementation",
  note: "13-transformers#the-rule",
  source: "tensorgrad/src/13-transformers/layer-norm.reference.ts",
  task: `
Layer norm shifts and scales a row of n numbers: \`y = x̂·w + b\`, \`x̂ = (x − mean)/√(variance + ε)\`.
Derive the gradient of x on paper first. The mean and the variance depend on every x of the row.
Then write it for all rows.

\`x\`, \`g\` and \`dx\` are [rows, cols]; \`w\` is [cols]. The forward pass has kept three numbers for each row in \`stats\`:
a shift, a rest and the scale. The mean is shift + rest; the scale is 1/√(variance + ε).`,
  hints: [
    "One x of a row moves its own x̂. What else does it move, and through which two numbers?",
    "Write x̂ as a product of (x − mean) and the scale, and use the product rule. The note has the rule for RMSNorm; layer norm has one more term.",
    "With ĝ = g·w and n = cols: dx = scale·(ĝ − Σ ĝ/n − x̂·Σ(ĝ·x̂)/n).",
    "for each row: two sums over the row, of ĝ and of ĝ·x̂; then a second loop over the row: dx = scale·(ĝ − first sum/n − x̂·second sum/n).",
  ],
  mistakes: [
    {
      name: "the mean and the variance taken for constants",
      wrong: rows(`
    for (let c = 0, i = r * cols; c < cols; c++, i++) dx[i] = scale * g[i] * w[c] + 0 * (shift + rest);`),
      says: "You treat the mean and the variance as constants. Each of them depends on every x of the row, and passes a gradient back.",
      fault: "LayerNorm: statistics taken for constants",
    },
    {
      name: "the gradient through the mean left out",
      wrong: twoPasses("g[i] * w[c]", "scale * (g[i] * w[c] - (normal * dot) / cols)"),
      says: "This is the rule of RMSNorm. Layer norm takes off the mean as well: a constant added to a row must change nothing.",
    },
    {
      name: "the sums not divided by the length of the row",
      wrong: twoPasses("g[i] * w[c]", "scale * (g[i] * w[c] - sum - normal * dot)"),
      says: "The mean and the variance are sums divided by n. Their gradients carry the same 1/n.",
    },
    {
      name: "the weight left out",
      wrong: twoPasses("g[i]", "scale * (g[i] - sum / cols - (normal * dot) / cols)"),
      says: "The gradient of x̂ is not g: the weight stands between x̂ and y.",
    },
  ],
};
