import type { QuestionExercise } from "../../exercise.ts";

export const halfPrecisionRange: QuestionExercise = {
  id: "half-precision-range",
  kind: "predict",
  title: "What 16 bits hold",
  points: 15,
  part: "systems",
  note: "half-precision",
  task: `
float16 has a sign, 5 bits for the exponent and 10 for the digits. bfloat16 has 8 and 7. Predict four numbers.
The check converts tensors and measures. A scale of the loss is a power of two.`,
  hints: [
    "Which is the largest exponent of float16, and how small can a number below the normal ones get?",
    "Ten bits of digits: the numbers below 2¹⁶ end at 2¹⁶ − 2⁵. Below 2⁻¹⁴ the digits are used up one by one, down to 2⁻²⁴. Half of that rounds to 0.",
    "largest = (2 − 2⁻¹⁰)·2¹⁵; smallest = 2⁻²⁴; next above 1 in bfloat16 = 1 + 2⁻⁷; a gradient of 2⁻³⁰ needs a scale that lifts it to 2⁻²⁴.",
    "largest: 65,536 − 32; exponent: −24; step of bfloat16 at 1: 1/128; scale: 2 to the power 30 − 24; bytes: elements times 2.",
  ],
  questions: [
    { name: "largest", ask: "What is the largest finite number of float16?" },
    { name: "exponent", ask: "The smallest power of two that float16 does not round to 0 is 2ᵉ. What is e?" },
    { name: "scale", ask: "Which is the smallest scale that keeps a gradient of 2⁻³⁰ from becoming 0?" },
    { name: "aboveOne", ask: "What is the next number above 1 in bfloat16, to five decimals?" },
    { name: "bytes", ask: "How many bytes does a tensor [64, 1000] take in bfloat16?", unit: "bytes" },
  ],
  mistakes: [
    {
      name: "numbers below the normal ones forgotten",
      wrong: { largest: 65_504, exponent: -14, scale: 65_536, aboveOne: 1.00781, bytes: 128_000 },
      says: "Below the smallest normal number float16 goes on with fewer digits, ten bits further down.",
    },
    {
      name: "bfloat16 taken for float16 with another range",
      wrong: { largest: 65_536, exponent: -24, scale: 64, aboveOne: 1.00098, bytes: 128_000 },
      says: "bfloat16 pays for its range with digits: it has seven bits of them. And 2¹⁶ itself is beyond float16.",
    },
    {
      name: "four bytes a number",
      wrong: { largest: 65_504, exponent: -24, scale: 64, aboveOne: 1.00781, bytes: 256_000 },
      says: "Sixteen bits are two bytes.",
    },
  ],
};
