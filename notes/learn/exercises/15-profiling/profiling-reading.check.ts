import { noGrad, ones } from "tensorgrad";
import { profile } from "tensorgrad/profiling";
import { asked } from "../compare.ts";

const [BYTES, FLOPS] = [20, 100]; // billions a second

export const { checks, solution } = asked({
  ridge: ["the ridge", () => FLOPS / BYTES],
  relu: [
    "the intensity of relu",
    () => {
      const x = ones([64]);
      const { rows } = profile(() => noGrad(() => x.relu()));
      return rows[0].flops / (rows[0].bytesRead + rows[0].bytesWritten);
    },
    0.001,
  ],
  rate: ["the rate of a product", () => Math.min(FLOPS, 2 * BYTES)],
  amdahl: ["Amdahl's law", () => 1 / (0.6 + 0.4 / 4), 0.003],
});
