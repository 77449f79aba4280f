import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Tensor, zeros } from "../../entries/index.ts";
import { collect, heap } from "../index.ts";

vi.mock("./collector.ts", async (original) => {
  const real = await original<typeof import("./collector.ts")>();
  return { collect: vi.fn(real.collect) };
});

const MEGABYTE = 2 ** 20;
const { limit } = heap;
afterEach(() => {
  heap.limit = limit;
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a loop without a scope that lets the event loop turn", () => {
  it("runs for ever, whatever it makes and however much it holds", async () => {
    await settle();
    const megabytes = fc.integer({ min: 1, max: 16 }).map((quarters) => quarters / 4);
    await fc.assert(
      fc.asyncProperty(
        fc.array(megabytes, { minLength: 1, maxLength: 8 }),
        megabytes,
        async (sizes, held) => {
          heap.limit = heap.live + 96 * MEGABYTE;
          const kept = zeros([held * 2 * MEGABYTE]);
          for (let made = 0, i = 0; made < 400; i++) {
            const size = sizes[i % sizes.length];
            zeros([(size * MEGABYTE) / 4]).add(1);
            made += 2 * size;
            await turn();
          }
          expect(kept.sum().item()).toBe(0);
          kept.dispose();
          await settle();
        },
      ),
      { numRuns: 5 },
    );
  });

  it("and the same with backward, whose graph dies with its loss", async () => {
    await settle();
    heap.limit = heap.live + 64 * MEGABYTE;
    const w = zeros([MEGABYTE / 4], { requiresGrad: true });
    for (let i = 0; i < 100; i++) {
      w.mul(2).square().sum().backward();
      w.zeroGrad();
      await turn();
    }
    w.dispose();
  });
});

describe("a synchronous loop without a scope", () => {
  it("asks for no collection that cannot help: a few, not one a tensor", async () => {
    await settle();
    heap.limit = heap.live + 64 * MEGABYTE;
    const held: Tensor[] = [];
    vi.mocked(collect).mockClear();
    expect(() => {
      for (;;) held.push(zeros([1024]));
    }).toThrow("let the event loop turn");
    expect(held.length).toBeGreaterThan(12_000); // all that fits
    expect(vi.mocked(collect).mock.calls.length).toBeLessThan(30);
    for (const x of held) x.dispose();
  });
});

async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
}
