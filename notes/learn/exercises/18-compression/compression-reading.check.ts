import { tensor } from "tensorgrad";
import { lowRank } from "tensorgrad/compression";
import { Conv2d, Linear, Sequential } from "tensorgrad/nn";
import { countFlops } from "tensorgrad/profiling";
import { asked } from "../compare.ts";

const products = (channels: number): number =>
  countFlops(new Sequential(new Conv2d(channels, channels, 3)), [1, channels, 5, 5]).multiplyAdds;

/** A matrix with the singular values 4, 2 and 1. */
function lost(): number {
  const line = new Linear(3, 3, { bias: false });
  line.weight.assign(
    tensor([
      [0, 4, 0],
      [0, 0, 2],
      [1, 0, 0],
    ]),
  );
  return lowRank(new Sequential(line), { ranks: { "0": 1 } }).layers[0].error;
}

export const { checks, solution } = asked({
  products: ["the share of the products that is left", () => products(4) / products(8)],
  error: ["what is lost at rank 1", lost, 0.01],
  teacher: ["the teacher's weight without T²", () => 1 / 4 ** 2],
});
