import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { tensor, zeros } from "../../entries/index.ts";
import { heap, scope } from "../index.ts";
import { SizeClasses } from "./size-classes.ts";

const { limit } = heap;
afterEach(() => {
  heap.limit = limit;
});

describe("heap", () => {
  it("aligns every block to 64 bytes and hands it out once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.boolean()), { maxLength: 60 }),
        (plan) => {
          const before = heap.live;
          const granules = (bytes: number) => 64 * (Math.ceil(bytes / 64) + 1); // with the header
          const held: { pointer: number; bytes: number }[] = [];
          for (const [bytes, release] of plan) {
            const pointer = heap.allocate(bytes, "uint8", [bytes]);
            expect(pointer % 64).toBe(0);
            for (const other of held) {
              expect(pointer >= other.pointer + other.bytes || pointer + bytes <= other.pointer).toBe(true);
            }
            held.push({ pointer, bytes });
            expect(heap.live).toBe(before + held.reduce((sum, block) => sum + granules(block.bytes), 0));
            if (release) heap.free(held.splice(bytes % held.length, 1)[0].pointer);
          }
          for (const { pointer } of held) heap.free(pointer);
          expect(heap.live).toBe(before);
        },
      ),
    );
  });

  it("merges freed neighbours, in whatever order they come back", () => {
    const sizes = [1000, 2000, 3000];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const blocks = sizes.map((bytes) => heap.allocate(bytes, "uint8", [bytes]));
      const guard = heap.allocate(64, "uint8", [64]);
      for (const i of order) heap.free(blocks[i]);
      const whole = heap.allocate(6000, "uint8", [6000]); // fits only where all three were
      expect(whole).toBeLessThanOrEqual(Math.min(...blocks));
      heap.free(whole);
      heap.free(guard);
    }
  });

  it("does not fragment under a soak of random sizes", () => {
    const random = fc.sample(fc.integer({ min: 1, max: 200_000 }), { numRuns: 4000, seed: 7 });
    const held: number[] = [];
    const start = heap.memory.buffer.byteLength;
    const live = heap.live;
    heap.resetPeak();
    for (const [i, bytes] of random.entries()) {
      held.push(heap.allocate(bytes, "uint8", [bytes]));
      if (held.length > 100) heap.free(held.splice((i * 37) % held.length, 1)[0]);
    }
    const grown = heap.memory.buffer.byteLength - start;
    expect(grown).toBeLessThan(2 * (heap.peak - live) + 8 * 1024 * 1024);
    for (const pointer of held) heap.free(pointer);
    expect(heap.live).toBe(live);
  });

  it("counts live and peak bytes", () => {
    const before = heap.live;
    heap.resetPeak();
    {
      using _ = scope();
      zeros([1000]);
      expect(heap.live - before).toBe(4096); // 4000 bytes and a header, in granules of 64
    }
    expect(heap.live).toBe(before);
    expect(heap.peak - before).toBe(4096);
  });

  it("says what is live when it is full, corrupts nothing and works on", () => {
    using _ = scope();
    const kept = tensor([1, 2, 3]);
    heap.limit = heap.live + 40 * 1024 * 1024;
    const held = [zeros([1024, 1024]), zeros([2, 1024, 1024])];
    const message = messageOf(() => {
      for (;;) held.push(zeros([2048, 1024]));
    });
    expect(message).toContain("8.0 MB wanted for float32 [2048, 1024]");
    expect(message).toContain("the largest float32 [2, 1024, 1024] (8.0 MB)");
    expect(
      message
        .replace(/[\d.]+ (MB|KB) live in \d+ tensors/, "… live")
        .replace(/at most [\d.]+ MB/, "at most …"),
    ).toMatch(
      /^heap: 8\.0 MB wanted for float32 \[2048, 1024\], … live, the largest .* — the heap holds at most …; free each step's tensors with `using step = scope\(\)`, let the event loop turn so that dead tensors are collected, or use a smaller batch$/,
    );
    expect(kept.toArray()).toEqual([1, 2, 3]);
    held[1].dispose();
    expect(zeros([4]).add(1).toArray()).toEqual([1, 1, 1, 1]);
  });
});

describe("SizeClasses", () => {
  it("finds a block that is large enough whenever a block a class above the size is there", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 2 ** 24 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 2 ** 24 }),
        (sizes, wanted) => {
          const classes = new SizeClasses();
          sizes.forEach((size, i) => {
            classes.push(i + 1, size);
          });
          const found = classes.find(wanted);
          if (found) expect(sizes[found - 1]).toBeGreaterThanOrEqual(wanted);
          else expect(sizes.every((size) => size < wanted * 1.125 + 1)).toBe(true);
        },
      ),
    );
  });
});

describe("the collector", () => {
  it("frees tensors outside every scope after a turn of the event loop", async () => {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const before = heap.live;
    (() => {
      for (let i = 0; i < 100; i++) zeros([1000]);
    })();
    expect(heap.live).toBeGreaterThan(before);
    for (let i = 0; i < 20 && heap.live > before; i++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heap.live).toBeLessThanOrEqual(before);
  });
});

function messageOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
