import { heap, scope } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { randn } from "../01-tensor/index.ts";
import { scaledDotProductAttention } from "./index.ts";

describe("attention of 8,192 tokens, four heads of 32, forward and backward", () => {
  it("takes at most 64 MB beyond inputs and outputs, and 2.1 times the bytes of 4,096 tokens", () => {
    const [half, whole] = [bytesOf(4096), bytesOf(8192)];
    expect(whole).toBeLessThan(64 * 2 ** 20);
    expect(whole / half).toBeLessThan(2.1);
  });
});

/** Bytes beyond inputs, outputs and gradients. */
function bytesOf(length: number): number {
  using _ = scope();
  const random = new Random(length);
  const [q, k, v, g] = Array.from({ length: 4 }, () => randn([1, 4, length, 32], { random }));
  for (const x of [q, k, v]) x.requiresGrad = true;
  heap.resetPeak();
  const before = heap.live;
  scaledDotProductAttention(q, k, v).backward(g);
  return heap.peak - before - 4 * 4 * q.size;
}
