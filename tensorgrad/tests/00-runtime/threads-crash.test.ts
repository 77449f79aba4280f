import * as worker from "node:worker_threads";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useBlas } from "../../src/00-runtime/blas/blas.ts";
import { ThreadError } from "../../src/00-runtime/errors.ts";
import { heap } from "../../src/00-runtime/memory/heap.ts";
import { threads, useThreads } from "../../src/00-runtime/threads/threads.ts";
import { slots, type ThreadStart } from "../../src/00-runtime/threads/worker.ts";
import { manualSeed, ones, randn, scope, type Tensor } from "../../src/entries/index.ts";

useBlas("off");
const N = 1024;
let [a, b]: Tensor[] = [];
let expected = "";
let workers: Worker[] = [];

beforeEach(() => {
  // Workers are made through Node's module, whose constructor is replaced by one that remembers them.
  workers = [];
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
    name === "node:worker_threads" ? { ...worker, Worker: Remembered } : getBuiltinModule(name)) as never);
  manualSeed(1);
  [a, b] = [randn([N, N]), randn([N, N])];
  useThreads(1);
  expected = product();
});
afterEach(() => {
  vi.restoreAllMocks();
  useThreads(1);
});

describe("a worker that ends in the middle of an operation", () => {
  it("makes it fail with a clear error; then one thread computes, and the results are right", async () => {
    await started(2);
    const live = heap.live;
    killInMidKernel();
    expect(product).toThrowErrorMatchingInlineSnapshot(
      `[ThreadError: gemm: a thread ended in the middle of it (a worker was ended from outside) — a part of the result is missing; repeat the step: from here on one thread computes, useThreads(2) starts new ones]`,
    );
    expect(threads()).toMatchObject({ wanted: 2, working: 1, failure: "a worker was ended from outside" });
    expect(product()).toBe(expected);
    expect(heap.live).toBe(live);
    expectWholeHeap();
  });

  it("leaves the other workers to finish what they have begun", async () => {
    await started(4);
    killInMidKernel();
    expect(product).toThrow(ThreadError);
    expect(product()).toBe(expected);
    expectWholeHeap();
  });

  it("can be replaced: useThreads starts new ones", async () => {
    await started(2);
    killInMidKernel();
    expect(product).toThrow(ThreadError);
    await started(2);
    expect(threads()).toEqual({ wanted: 2, working: 2, failure: null });
    expect(product()).toBe(expected);
  });

  it("says what the worker said, if it failed by itself", async () => {
    await started(2);
    const { words, starts } = (workers[0] as Remembered).start;
    const { store } = Atomics;
    const spoiling: (control: Int32Array, at: number, value: number) => number = (control, at, value) => {
      for (const start of starts) words[start] = 999; // the number of no kernel
      return store(control, at, value);
    };
    vi.spyOn(Atomics, "store").mockImplementationOnce(spoiling as typeof store);
    afterItsFailure();
    expect(product).toThrowErrorMatchingInlineSnapshot(
      `[ThreadError: gemm: a thread ended in the middle of it (TypeError: kernel is not a function) — a part of the result is missing; repeat the step: from here on one thread computes, useThreads(2) starts new ones]`,
    );
    expect(product()).toBe(expected);
  });
});

describe("a worker that ends between operations", () => {
  it("is not missed: the caller makes all calls itself", async () => {
    await started(2);
    await workers[0].terminate();
    expect(product()).toBe(expected);
    expect(threads()).toMatchObject({ working: 1, failure: "a worker ended: exit code 1" });
  });

  it("is not missed before its end is known, either", async () => {
    await started(2);
    void workers[0].terminate();
    expect(product()).toBe(expected);
    expect(product()).toBe(expected);
  });

  it("is not missed at its start", async () => {
    useThreads(2);
    expect(product()).toBe(expected); // starts the worker
    void workers[0].terminate();
    expect(product()).toBe(expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(product()).toBe(expected);
    expect(threads().working).toBe(1);
  });
});

const getBuiltinModule = process.getBuiltinModule;

class Remembered extends Worker {
  readonly start: ThreadStart;
  constructor(source: string, options: WorkerOptions) {
    super(source, options);
    this.start = (options.workerData as { start: ThreadStart }).start;
    workers.push(this);
  }
}

function product(): string {
  using _scope = scope();
  return Buffer.from(a.matmul(b).data.slice().buffer).toString("base64");
}

/** Keeps this thread from taking a call of the next operation until a worker has failed. */
function afterItsFailure(): void {
  const { compareExchange } = Atomics;
  const taking = (control: Int32Array, at: number, from: number, to: number) => {
    while (Atomics.load(control, slots.failed) === 0) Atomics.wait(control, slots.message, 0, 1);
    return compareExchange(control, at, from, to);
  };
  vi.spyOn(Atomics, "compareExchange").mockImplementationOnce(taking as typeof compareExchange);
}

/** Kills a worker that is in a call of the next operation. */
function killInMidKernel(): void {
  const { compareExchange } = Atomics;
  const taking = (control: Int32Array, at: number, from: number, to: number) => {
    const isBusy = (_: Worker, i: number) => Atomics.load(control, slots.workers + 16 * i + slots.busy) === 1;
    while (!workers.some(isBusy)) Atomics.wait(control, slots.message, 0, 1);
    void workers.find(isBusy)?.terminate();
    return compareExchange(control, at, from, to); // fails if the worker has changed it meanwhile: this thread tries again
  };
  vi.spyOn(Atomics, "compareExchange").mockImplementationOnce(taking as typeof compareExchange);
}

/** Every block of the heap is still there, and new ones can be had. */
function expectWholeHeap(): void {
  const { largest, bytes } = heap.report(Number.POSITIVE_INFINITY);
  expect(largest.reduce((sum, block) => sum + block.bytes, 0)).toBe(bytes);
  const live = heap.live;
  {
    using _scope = scope();
    for (let i = 1; i < 100; i++)
      expect(
        ones([i * 97])
          .sum()
          .item(),
      ).toBe(i * 97);
  }
  expect(heap.live).toBe(live);
}

async function started(count: number): Promise<void> {
  workers = [];
  useThreads(count);
  for (const deadline = Date.now() + 20_000; threads().working < count; ) {
    if (Date.now() > deadline) throw new Error(`threads: ${JSON.stringify(threads())}`);
    product();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
