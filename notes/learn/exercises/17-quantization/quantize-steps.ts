import type { CodeExercise } from "../../exercise.ts";

const steps = (begin: string, symmetric: string, affine: string, zero: string) => `
  const [low, high] = [${begin}];
  let constant = true;
  for (let i = 0; i < values.length; i++) {
    const [part, value] = [partOf(i), values[i]];
    if (value < low[part]) low[part] = value;
    if (value > high[part]) high[part] = value;
    constant &&= value === values[0];
  }
  const scale = Float32Array.from(low, (l, part) =>
    scheme === "symmetric" ? ${symmetric} : ${affine},
  );
  const zero = Int8Array.from(scale, (s, part) =>
    scheme === "symmetric" ? 0 : ${zero},
  );
  return { scale, zero, constant };`;

const FROM_0 = "new Float64Array(parts), new Float64Array(parts)";
const SYMMETRIC = "stepOf(Math.max(-l, high[part]), 127)";
const AFFINE = "stepOf(high[part] - l, 255)";
const ZERO = "Math.min(Math.max(toEven(-128 - low[part] / s), -128), 127)";

export const quantizeSteps: CodeExercise = {
  id: "quantize-steps",
  kind: "write",
  title: "A scale and a zero point",
  points: 25,
  part: "implementation",
  note: "17-quantization#the-rule",
  source: "tensorgrad/src/17-quantization/affine.ts",
  task: `
Find the step between two integers, and the integer that stands for 0, for each part of a tensor. Element i belongs to part \`partOf(i)\`.

- "symmetric": 127 steps reach the largest magnitude; the zero point is 0.
- "affine": 255 steps reach from the lowest to the highest number, and the range always includes 0. The integers are −128 … 127.
  The zero point is the nearest integer, within these bounds.

\`stepOf(range, count)\` gives the step of a range in so many steps, and \`toEven(x)\` rounds. Return \`{ scale, zero, constant }\`: a \`Float32Array\` and an
\`Int8Array\` with a number for each part, and whether all elements are equal.`,
  hints: [
    "All numbers lie between 3 and 5. Which integer should stand for 0, and why must there be one?",
    "Ranges begin at 0 on both sides and only grow. The lowest number becomes −128, so 0 becomes −128 − low/scale.",
    "symmetric: s = max(−low, high)/127, z = 0. affine: s = (high − low)/255, z = round(−128 − low/s), from −128 to 127.",
    "low = high = 0 for each part; one loop widens them, and compares each element with the first; then a scale and a zero point for each part.",
  ],
  mistakes: [
    {
      name: "the range leaves 0 out",
      wrong: steps(
        "new Float64Array(parts).fill(Infinity), new Float64Array(parts).fill(-Infinity)",
        SYMMETRIC,
        AFFINE,
        ZERO,
      ),
      says: "The range must include 0. Padding and ReLU make zeros, and they have to stay exact.",
    },
    {
      name: "the highest number taken for the largest magnitude",
      wrong: steps(FROM_0, "stepOf(high[part], 127)", AFFINE, ZERO),
      says: "A negative number may have the largest magnitude. With your scale it is cut off.",
    },
    {
      name: "numbers counted, not the steps between them",
      wrong: steps(FROM_0, "stepOf(Math.max(-l, high[part]), 128)", "stepOf(high[part] - l, 256)", ZERO),
      says: "256 integers have 255 steps between them. With one step too many, the largest number is cut off.",
    },
    {
      name: "the zero point cut off, not rounded",
      wrong: steps(
        FROM_0,
        SYMMETRIC,
        AFFINE,
        "Math.min(Math.max(Math.trunc(-128 - low[part] / s), -128), 127)",
      ),
      says: "The zero point has to be the nearest integer. Cutting off moves it by up to one, and all numbers with it.",
      fault: "QuantizeLinear: zero point off by one",
    },
  ],
};
