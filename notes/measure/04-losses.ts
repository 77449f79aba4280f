import { heap, manualSeed, randint, randn, scope, type Tensor, tensor } from "tensorgrad";
import { crossEntropy, decomposedCrossEntropy } from "tensorgrad/nn";
import { useThreads } from "tensorgrad/runtime";
import { compared, report } from "../lib/measure.ts";

/** Note 04: cross-entropy in one pass and in three: memory, time, and how each fares with large logits. */
useThreads(1);
manualSeed(1);
const [ROWS, CLASSES] = [2048, 1000];
const logits = randn([ROWS, CLASSES], { requiresGrad: true });
const targets = randint(0, CLASSES, [ROWS], { dtype: "int32" });

const ways = { fused: crossEntropy, decomposed: decomposedCrossEntropy };
type Way = keyof typeof ways;

/** Most bytes in use for loss and gradient, beside logits and targets. */
function peak(way: Way): number {
  heap.resetPeak();
  const before = heap.live;
  {
    using _ = scope();
    ways[way](logits, targets).backward();
  }
  logits.zeroGrad();
  return (heap.peak - before) / 2 ** 20;
}

const ms = compared({ fused: () => void peak("fused"), decomposed: () => void peak("decomposed") });

/** The loss of a row whose target lies `gap` below the other class: gap + ln(1 + e^−gap). */
const row = (way: Way, gap: number): number => {
  using _ = scope();
  return ways[way](tensor([[gap, 0]]), tensor([1], { dtype: "int32" })).item();
};
const gaps = Array.from({ length: 60 }, (_, i) => 2 * (i + 1));
const firstInfinite = (way: Way): number | null =>
  gaps.find((gap) => !Number.isFinite(row(way, gap))) ?? null;

/** Entropy of a uniform guess, and the mean loss of logits that know nothing. */
function ignorance(): { uniform: number; fresh: number } {
  using _ = scope();
  const small: Tensor = randn([ROWS, CLASSES]).mul(0.01);
  return { uniform: Math.log(CLASSES), fresh: crossEntropy(small, targets).item() };
}

const peakMB = { fused: peak("fused"), decomposed: peak("decomposed") };
report({
  ms,
  peakMB,
  memoryRatio: peakMB.decomposed / peakMB.fused,
  logitsMB: (ROWS * CLASSES * 4) / 2 ** 20,
  timeRatio: ms.decomposed / ms.fused,
  infiniteFrom: firstInfinite("decomposed"),
  fusedInfiniteFrom: firstInfinite("fused"),
  ignorance: ignorance(),
});
