import type { CodeExercise } from "../../exercise.ts";

const rescaled = (sum: string, y: string) => `
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      const whole = Math.fround(${sum});
      y[i] = ${y};
    }
  }`;

const SUM = "(sum[i] - Math.imul(zero[r], weights[c])) | 0";
const ADDED = "+ (biased ? bias[c] : 0)";
const SCALE = "Math.fround(scale[r] * scales[c])";

export const quantizeRescale: CodeExercise = {
  id: "quantize-rescale",
  kind: "derive",
  title: "From sums of integers back to numbers",
  points: 25,
  part: "implementation",
  note: "17-quantization#the-rule",
  source: "tensorgrad/src/17-quantization/rows.reference.ts",
  task: `
A quantized layer has computed \`sum[r, c] = Σₚ q[r, p]·w[c, p]\` in integers. The input is x ≈ (q − zero[r])·scale[r], and the weight is w·scales[c].
Derive on paper what Σ x·weight is, written with this sum and \`weights[c] = Σₚ w[c, p]\`. Then write y [rows, cols] for all rows.

If \`biased\` is not 0, add \`bias[c]\` at the end. Keep the integers exact: \`Math.imul\` multiplies them, and \`Math.fround\` rounds a number to float32,
as the kernel does: the sum once, the product of both scales once, their product once.`,
  hints: [
    "Multiply (q − z)·s by w·t and sum over p. Which factors leave the sum?",
    "Both scales leave the sum, for they do not depend on p. The zero point leaves a second sum behind, that of the weights.",
    "y = (sum − zero[r]·weights[c])·(scale[r]·scales[c]) + bias[c].",
    "for each r, for each c: whole = sum[i] − zero[r]·weights[c]; y[i] = whole times the rounded product of both scales, plus the bias if there is one.",
  ],
  mistakes: [
    {
      name: "the zero point forgotten",
      wrong: rescaled("sum[i]", `Math.fround(whole * ${SCALE}) ${ADDED}`),
      says: "Every output is shifted by a constant. The integers of the input stand for x/s + z, not for x/s.",
    },
    {
      name: "the sum of the weights taken off once, not z times",
      wrong: rescaled("(sum[i] - weights[c]) | 0", `Math.fround(whole * ${SCALE}) ${ADDED}`),
      says: "Each weight is multiplied by the zero point. So their sum counts that many times.",
    },
    {
      name: "the bias scaled like the sum",
      wrong: rescaled(SUM, `Math.fround((whole + (biased ? bias[c] : 0)) * ${SCALE})`),
      says: "The bias is a number of float32 already. It is added after the scaling.",
    },
    {
      name: "scales of columns instead of rows",
      wrong: rescaled(SUM, `Math.fround(whole * Math.fround(scale[r] * scales[r % cols])) ${ADDED}`),
      says: "A weight has one scale for each output. y[r, c] belongs to output c.",
      fault: "DequantizeLinear: scales of columns instead of rows",
    },
  ],
};
