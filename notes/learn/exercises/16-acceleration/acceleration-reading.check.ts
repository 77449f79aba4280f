import { ones } from "tensorgrad";
import { profile } from "tensorgrad/profiling";
import { asked } from "../compare.ts";

const N = 256;
/** Numbers of float32 in a vector, and vector registers. */
const [LANES, REGISTERS] = [4, 16];

/** A product of small matrices, as the profile counts it: operations grow with the cube of the size, bytes with its square. */
function counted(): { readonly flops: number; readonly bytes: number } {
  const small = 8;
  const [a, b] = [ones([small, small]), ones([small, small])];
  const { rows } = profile(() => a.matmul(b));
  const factor = N / small;
  return {
    flops: rows[0].flops * factor ** 3,
    bytes: (rows[0].bytesRead + rows[0].bytesWritten) * factor ** 2,
  };
}

const sumsOf = (rows: number, columns: number): number => (rows * columns) / LANES;

export const { checks, solution } = asked({
  operations: ["operations of the product", () => counted().flops],
  perByte: ["operations a byte", () => counted().flops / counted().bytes, 0.002],
  sums: ["registers for the sums of a tile of 2 × 16", () => sumsOf(2, 16)],
  spilled: ["registers that a tile of 4 × 4 vectors lacks", () => sumsOf(4, 4 * LANES) + 4 + 4 - REGISTERS],
});
