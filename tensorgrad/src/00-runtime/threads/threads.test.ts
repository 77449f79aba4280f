import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settledHeap } from "../../../tests/heap.fixture.ts";
import { cat, heap, manualSeed, randint, randn, scope, type Tensor } from "../../entries/index.ts";
import { crossEntropy, Linear, logSoftmax, ReLU, Sequential, softmax } from "../../entries/nn.ts";
import { Adam } from "../../entries/optim.ts";
import { useBlas } from "../blas/blas.ts";
import { threads, useThreads } from "./threads.ts";

useBlas("off"); // rounds in another order; its own tests are in blas.test.ts

afterAll(() => useThreads(1));

describe("results are bit for bit the same on 1, 2, 3 and 4 threads", () => {
  const size = fc.integer({ min: 1, max: 200 });
  const calls: Record<string, (m: number, n: number, k: number) => Tensor> = {
    matmul: (m, n, k) => randn([m, k]).matmul(randn([k, n])),
    "matmul of transposed operands": (m, n, k) =>
      randn([k, m])
        .t()
        .matmul(randn([n, k]).t()),
    "matmul of batches": (m, n, k) => randn([5, m, k]).matmul(randn([5, k, n])),
    "matrix times vector": (m, n, k) =>
      randn([4 * m, 4 * k])
        .matmul(randn([4 * k]))
        .add(n),
    "elementwise, contiguous": (m, n) =>
      randn([m, 4 * n])
        .exp()
        .add(randn([m, 4 * n]))
        .gelu(),
    "elementwise, strided and broadcast": (m, n) =>
      randn([4 * n, m])
        .t()
        .mul(randn([m, 1]))
        .sub(randn([4 * n])),
    comparisons: (m, n) =>
      randn([m, 4 * n])
        .gt(randn([4 * n]))
        .where(1, randn([m, 4 * n])),
    "reductions of rows": (m, n) =>
      randn([m, 4 * n])
        .sum(1)
        .add(randn([m, 4 * n]).max(1).values),
    "reductions of columns": (m, n) =>
      randn([4 * m, n])
        .sum(0)
        .add(randn([4 * m, n]).mean(0)),
    softmax: (m, n) => softmax(randn([m, 4 * n]), 1).add(logSoftmax(randn([m, 4 * n]), 1)),
    copies: (m, n) =>
      randn([4 * m, n])
        .t()
        .contiguous(),
    "forward and backward": (m, n, k) => {
      const [x, w] = [randn([m, k]), randn([k, n], { requiresGrad: true })];
      crossEntropy(x.matmul(w).tanh(), randint(0, n, [m])).backward();
      return w.grad as Tensor;
    },
  };
  for (const [name, call] of Object.entries(calls)) {
    it(name, async () => {
      const examples = fc.sample(fc.tuple(size, size, size, fc.nat()), { numRuns: 4, seed: 5 });
      const run = () => examples.map(([m, n, k, seed]) => bitsOf(seed, () => call(m, n, k)));
      useThreads(1);
      const expected = run();
      for (const count of [2, 3, 4]) {
        await started(count);
        expect(run()).toEqual(expected);
      }
    });
  }

  it("again and again", async () => {
    const steps = () => bitsOf(3, () => train(2));
    useThreads(1);
    const expected = steps();
    await started(4);
    for (let i = 0; i < 20; i++) expect(steps()).toBe(expected);
  });

  it("after fifty steps of training", async () => {
    useThreads(1);
    const expected = bitsOf(7, () => train(50));
    await started(2);
    expect(bitsOf(7, () => train(50))).toBe(expected);
  });
});

describe("TENSORGRAD_THREADS and useThreads", () => {
  beforeEach(() => void vi.resetModules());
  afterEach(() => void vi.unstubAllEnvs());
  const wanted = async (value: string) => {
    vi.stubEnv("TENSORGRAD_THREADS", value);
    const fresh: typeof import("./threads.ts") = await import("./threads.ts");
    return fresh.threads().wanted;
  };

  it("say how many threads compute; by default as many as the process may use at once", async () => {
    expect(await wanted("3")).toBe(3);
    vi.resetModules();
    expect(await wanted("")).toBe(availableParallelism());
    useThreads(2);
    expect(threads()).toEqual({ wanted: 2, working: 1, failure: null });
  });

  it("refuse what is no number of threads", async () => {
    for (const value of ["0", "-1", "abc", "1.5", "1e1", "65"]) {
      vi.resetModules();
      await expect(wanted(value)).rejects.toThrow(RangeError);
    }
    vi.resetModules();
    await expect(wanted("0")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TENSORGRAD_THREADS: 0 — must be a whole number of threads from 1 to 64; 1 computes on the calling thread alone]`,
    );
    vi.resetModules();
    await expect(wanted("abc")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TENSORGRAD_THREADS: abc — must be a whole number of threads from 1 to 64; 1 computes on the calling thread alone]`,
    );
    expect(() => useThreads(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: useThreads: -1 — must be a whole number of threads from 1 to 64; 1 computes on the calling thread alone]`,
    );
    expect(() => useThreads(1.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: useThreads: 1.5 — must be a whole number of threads from 1 to 64; 1 computes on the calling thread alone]`,
    );
    expect(() => useThreads(Number.NaN)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: useThreads: NaN — must be a whole number of threads from 1 to 64; 1 computes on the calling thread alone]`,
    );
  });

  it("a bad setting fails the first operation, too", async () => {
    vi.stubEnv("TENSORGRAD_THREADS", "none");
    const fresh: typeof import("../../entries/index.ts") = await import("../../entries/index.ts");
    expect(() => fresh.ones([2]).add(fresh.ones([2]))).toThrow("TENSORGRAD_THREADS: none");
  });
});

describe("work", () => {
  it("takes no memory of the tensors for threads", async () => {
    useThreads(1);
    const [live, tensors] = [await settledHeap(), heap.report().tensors];
    await started(4);
    expect([heap.live, heap.report().tensors]).toEqual([live, tensors]);
  });

  it("that is small starts no thread", () => {
    useThreads(2);
    using _scope = scope();
    for (let i = 0; i < 100; i++) randn([64]).exp().sum();
    expect(threads().working).toBe(1);
  });

  it("is divided inside a worker of Node, and a process ends though its threads wait", () => {
    const folder = mkdtempSync(join(tmpdir(), "threads-"));
    const outfile = join(folder, "bundle.mjs"); // minified: nothing but this file is there to be found
    const entry = fileURLToPath(new URL("../../../tests/threads.fixture.ts", import.meta.url));
    buildSync({
      entryPoints: [entry],
      bundle: true,
      format: "esm",
      platform: "node",
      minify: true,
      target: "node20",
      outfile,
    });
    const run = spawnSync(process.execPath, [outfile], { encoding: "utf8", timeout: 50_000 });
    rmSync(folder, { recursive: true });
    expect(run.stderr.slice(-300)).toBe("");
    const [outside, inside] = run.stdout.trim().split("\n");
    expect(JSON.parse(outside)).toMatchObject({ working: 2, same: true });
    expect(JSON.parse(inside)).toEqual(JSON.parse(outside));
    expect(run.status).toBe(0);
  });
});

/** So many threads are ready: they start in the background. */
async function started(count: number): Promise<void> {
  useThreads(count);
  const deadline = Date.now() + 20_000;
  while (threads().working < count) {
    if (Date.now() > deadline) throw new Error(`threads: ${JSON.stringify(threads())}`);
    using _scope = scope();
    randn([300_000]).exp();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A digest of a result's bits. */
function bitsOf(seed: number, run: () => Tensor): string {
  using _scope = scope();
  manualSeed(seed);
  const { data } = run();
  return createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice())
    .digest("hex");
}

/** Steps of a small network; the weights in the end. */
function train(steps: number): Tensor {
  const model = new Sequential(new Linear(256, 384), new ReLU(), new Linear(384, 64));
  const [optimizer, x, y] = [
    new Adam(model.parameters(), { lr: 1e-3 }),
    randn([96, 256]),
    randint(0, 64, [96]),
  ];
  for (let i = 0; i < steps; i++) {
    using _step = scope();
    optimizer.zeroGrad();
    crossEntropy(model.forward(x), y).backward();
    optimizer.step();
  }
  return cat(model.parameters().map((p) => p.detach().flatten()));
}
