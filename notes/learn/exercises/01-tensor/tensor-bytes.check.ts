import { heap, scope, type Tensor, zeros } from "tensorgrad";
import { asked } from "../compare.ts";

/** Every block of the heap has one. */
const header = 64;

/** Bytes of elements that a call leaves on the heap, its result alive. */
function bytes(call: (x: Tensor, row: Tensor) => Tensor): number {
  using _ = scope();
  const [x, row] = [zeros([512, 256]), zeros([256])];
  const before = heap.live;
  call(x, row);
  return Math.max(0, heap.live - before - header);
}

export const { checks, solution } = asked({
  transpose: ["bytes of a transpose, measured", () => bytes((x) => x.t())],
  copy: ["bytes of a packed transpose, measured", () => bytes((x) => x.t().contiguous())],
  sum: ["bytes of a sum with a row, measured", () => bytes((x, row) => x.add(row))],
  float64: ["bytes in float64, measured", () => bytes((x) => x.to("float64"))],
});
