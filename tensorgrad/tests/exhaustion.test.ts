import { afterEach, describe, expect, it, vi } from "vitest";
import {
  heap,
  manualSeed,
  noGrad,
  randint,
  randn,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../src/entries/index.ts";
import { CrossEntropyLoss, LayerNorm, Linear, ReLU, Sequential } from "../src/entries/nn.ts";
import { Adam } from "../src/entries/optim.ts";
import { isRecording } from "../src/entries/runtime.ts";
import { settledHeap } from "./heap.fixture.ts";

const MEGABYTE = 2 ** 20;
const { limit } = heap;
afterEach(() => {
  heap.limit = limit;
  vi.restoreAllMocks();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a synchronous loop that forgets its scope", () => {
  it("is told the largest tensors and the remedy; one turn of the event loop later all is well", async () => {
    const [before, kept] = [await settledHeap(), zeros([MEGABYTE])];
    heap.limit = before + 64 * MEGABYTE;
    const message = overflow(kept);
    expect(message).toMatch(
      /^heap: 4\.0 MB wanted for float32 \[1024, 1024\], [\d.]+ MB live in \d+ tensors, the largest float32 \[1048576\] \(4\.0 MB\), \d+ × float32 \[1024, 1024\] \(4\.0 MB each\), /,
    );
    expect(message).toMatch(
      /— the heap holds at most [\d.]+ MB; free each step's tensors with `using step = scope\(\)`, let the event loop turn so that dead tensors are collected, or use a smaller batch$/,
    );
    await turn();
    expect(heap.live).toBeLessThan(before + 16 * MEGABYTE); // no collection was asked for here
    expect(kept.sum().item()).toBe(0);
    expect(zeros([1024, 1024]).add(1).sum().item()).toBe(2 ** 20);
    kept.dispose();
  });

  it("can be repeated: every time the same, nothing is lost", async () => {
    const before = await settledHeap();
    heap.limit = before + 32 * MEGABYTE;
    for (let round = 0; round < 5; round++) {
      overflow(zeros([1]));
      await turn();
      await turn();
    }
    await settledHeap();
    expect(heap.live).toBeLessThanOrEqual(before + MEGABYTE);
  });
});

describe("a tensor larger than any memory", () => {
  it("is refused, however its size looks in 32 bits", () => {
    using _ = scope();
    zeros([10]).dispose(); // a free block that must not be mistaken for room
    const live = heap.live;
    for (const size of [2 ** 30, 2 ** 34, 2 ** 36, 2 ** 36 + 16, 1e12, 1e15]) {
      expect(() => zeros([size])).toThrow(`wanted for float32 [${size}]`);
    }
    expect(heap.live).toBe(live);
  });
});

/** Adds without end; what it made is garbage when it returns. */
function overflow(first: Tensor): string {
  try {
    for (let x = first.sum().add(zeros([1024, 1024])); ; ) x = x.add(1);
  } catch (error) {
    expect((error as Error).name).toBe("HeapError");
    return (error as Error).message;
  }
}

/** A model, its optimizer and one batch, ready for a step from the same state every time. */
function trainer() {
  manualSeed(3);
  const model = new Sequential(new Linear(6, 5), new LayerNorm(5), new ReLU(), new Linear(5, 3));
  const [x, y] = [randn([4, 6]), randint(0, 3, [4])];
  const optimizer = new Adam(model.parameters());
  const loss = new CrossEntropyLoss();
  const step = (): void => {
    using _ = scope();
    optimizer.zeroGrad();
    loss.forward(model.forward(x), y).backward();
    optimizer.step();
  };
  return { step, weights: () => model.parameters().flatMap((p) => [...p.data]) };
}

describe("running out of memory at any allocation of a training step", () => {
  for (const warm of [0, 1]) {
    it(`leaves the heap as it was, and the step can be repeated (after ${warm} steps)`, () => {
      using _all = scope();
      const clean = trainer();
      for (let i = 0; i <= warm; i++) clean.step();
      const expected = clean.weights();
      let failures = 0;
      for (let at = 0; ; at++) {
        using _ = scope();
        const { step, weights } = trainer();
        for (let i = 0; i < warm; i++) step();
        const live = heap.live;
        if (!failsAt(at, step)) break;
        failures++;
        expect(isRecording(), `recording is on after a failure at allocation ${at}`).toBe(true);
        expect(weights().every(Number.isFinite)).toBe(true);
        step();
        expect(weights(), `repeated after a failure at allocation ${at}`).toEqual(expected);
        if (warm) expect(heap.live).toBe(live);
      }
      expect(failures).toBeGreaterThan(20);
    });
  }

  it("does not leave recording off, or a scope open, inside noGrad", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(failsAt(0, () => noGrad(() => x.add(1)))).toBe(true);
    expect(isRecording()).toBe(true);
    expect(x.add(1).requiresGrad).toBe(true);
  });
});

/** Runs `fn` with a heap that is full at its n-th allocation; whether that made it fail. */
function failsAt(n: number, fn: () => unknown): boolean {
  let left = n;
  const allocate = heap.allocate.bind(heap);
  const spy = vi.spyOn(heap, "allocate").mockImplementation((bytes, dtype, shape) => {
    if (left-- > 0) return allocate(bytes, dtype, shape);
    heap.limit = 0;
    return allocate(2 ** 31, dtype, shape);
  });
  try {
    fn();
    return false;
  } catch (error) {
    if ((error as Error).name !== "HeapError") throw error;
    return true;
  } finally {
    spy.mockRestore();
    heap.limit = limit;
  }
}
