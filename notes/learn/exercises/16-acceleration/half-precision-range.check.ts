import { tensor, zeros } from "tensorgrad";
import { asked } from "../compare.ts";

/** What is left of a number in 16 bits. */
const held = (value: number, dtype: "float16" | "bfloat16" = "float16"): number =>
  tensor([value], { dtype: "float64" }).to(dtype).to("float64").item();

/** The first power of two, going up from 2 to the power `from`, of which this is true. */
function firstPower(from: number, isTrue: (value: number) => boolean): number {
  let exponent = from;
  while (!isTrue(2 ** exponent)) exponent++;
  return exponent;
}

export const { checks, solution } = asked({
  largest: [
    "the largest number of float16",
    () => {
      let largest = 0; // bit by bit, from the top
      for (let bit = 2 ** 20; bit >= 1; bit /= 2) if (held(largest + bit) === largest + bit) largest += bit;
      return largest;
    },
  ],
  exponent: ["the smallest power of two of float16", () => firstPower(-40, (value) => held(value) > 0)],
  scale: [
    "the scale for a gradient of 2⁻³⁰",
    () => 2 ** firstPower(0, (scale) => held(scale * 2 ** -30) > 0),
  ],
  aboveOne: ["the next number above 1 in bfloat16", () => held(1 + 2 ** -firstStep(), "bfloat16"), 1e-5],
  bytes: [
    "bytes of a tensor in bfloat16",
    () => zeros([64, 1000], { dtype: "bfloat16" }).elements.byteLength,
  ],
});

/** The largest k for which 1 + 2⁻ᵏ is a number of bfloat16. */
function firstStep(): number {
  let k = 1;
  while (held(1 + 2 ** -(k + 1), "bfloat16") === 1 + 2 ** -(k + 1)) k++;
  return k;
}
