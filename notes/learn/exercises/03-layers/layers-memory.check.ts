import { heap, scope, zeros } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const model = (): Sequential => new Sequential(new Linear(784, 64), new ReLU(), new Linear(64, 10));

const sum = (list: readonly number[]): number => list.reduce((total, n) => total + n, 0);

/** Every block of the heap has a header. */
const header = 64;

/** Bytes that a forward pass leaves on the heap: the results of three layers. */
function resultBytes(batch: number): number {
  using _ = scope();
  const [layers, x] = [model(), zeros([batch, 784])];
  const before = heap.live;
  layers.forward(x);
  return heap.live - before - 3 * header;
}

export const { checks, solution } = asked({
  parameters: [
    "parameters, counted",
    () =>
      sum(
        model()
          .parameters()
          .map(({ size }) => size),
      ),
  ],
  weightBytes: [
    "bytes of parameters",
    () =>
      sum(
        model()
          .parameters()
          .map(({ data }) => data.byteLength),
      ),
  ],
  results: ["bytes of results for 32 examples, measured", () => resultBytes(32)],
  resultsOf64: ["bytes of results for 64 examples, measured", () => resultBytes(64)],
});
