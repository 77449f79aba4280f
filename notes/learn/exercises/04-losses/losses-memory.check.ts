import { heap, scope, zeros } from "tensorgrad";
import { crossEntropy, decomposedCrossEntropy } from "tensorgrad/nn";
import { asked } from "../compare.ts";

/** Every block of the heap has a header. */
const header = 64;

/** Bytes that a loss per row leaves on the heap. */
function added(loss: typeof crossEntropy): number {
  using _ = scope();
  const [logits, targets] = [zeros([64, 1000]), zeros([64], { dtype: "int32" })];
  const before = heap.live;
  loss(logits, targets, { reduction: "none" });
  return heap.live - before - header;
}

export const { checks, solution } = asked({
  logits: ["bytes of the logits", () => zeros([64, 1000]).data.byteLength, 0.02],
  fused: ["bytes that the fused loss adds, measured", () => added(crossEntropy), 0.02],
  decomposed: [
    "bytes that the loss in three steps adds, measured",
    () => added(decomposedCrossEntropy),
    0.02,
  ],
});
