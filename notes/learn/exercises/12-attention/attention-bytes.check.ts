import { zeros } from "tensorgrad";
import { causalMask, MultiHeadAttention } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const held = (length: number): number =>
  new MultiHeadAttention(64, 4).weights(zeros([length, 64])).data.byteLength;
const parameters = (numKvHeads: number): number =>
  new MultiHeadAttention(64, 4, { numKvHeads }).parameters().reduce((sum, { size }) => sum + size, 0);

export const { checks, solution } = asked({
  weights: ["bytes of all weights", () => held(128)],
  doubled: ["how they grow with the length", () => held(256) / held(128)],
  pairs: [
    "pairs of a query and a key",
    () => Array.from(causalMask(128).data, Number).reduce((a, b) => a + b),
  ],
  parameters: ["parameters of the layer", () => parameters(4)],
  shared: ["parameters with a shared key head", () => parameters(1)],
});
