import { randn, scope, tensor } from "tensorgrad";
import { crossEntropy, GPT, Linear, MultiHeadAttention, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { type Profile, profile } from "tensorgrad/profiling";
import { observer } from "tensorgrad/runtime";
import { afterEach, describe, expect, it } from "vitest";

const model = new Sequential(new Linear(8, 16), new ReLU(), new Linear(16, 4));
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
const forward = Linear.prototype.forward;

function step(): void {
  using _ = scope();
  model.zeroGrad();
  crossEntropy(model.forward(randn([5, 8])), tensor([0, 1, 2, 3, 0], { dtype: "int32" })).backward();
  optimizer.step();
}

const found = (result: Profile, phase: string, path: string, operation: string) =>
  result.rows.find((row) => row.phase === phase && row.path === path && row.operation === operation);

afterEach(() => {
  expect(observer, "nobody listens any more").toBeNull();
  expect(Linear.prototype.forward, "the layers' methods are back").toBe(forward);
});

describe("profile", () => {
  it("counts calls, flops and bytes of each layer, forward and backward", () => {
    const result = profile(() => {
      step();
      step();
    });
    // [5, 8]·[8, 16]: 640 multiply-adds a call; backward of the first layer wants one product, for its weight
    expect(found(result, "forward", "0", "Affine")).toMatchObject({
      calls: 2,
      flops: 2 * 2 * 640,
      bytesWritten: 2 * 4 * 80,
    });
    expect(found(result, "forward", "0", "Affine")?.bytesRead).toBe(2 * 4 * (40 + 128 + 16));
    expect(found(result, "backward", "0", "Affine")?.multiplyAdds).toBe(2 * 640);
    expect(found(result, "backward", "2", "Affine")?.multiplyAdds).toBe(2 * 2 * 320); // and one for its input
    expect(found(result, "forward", "1", "Relu")?.flops).toBe(2 * 80);
    expect(found(result, "forward", "", "CrossEntropyRows")?.calls).toBe(2);
    const parameters = 8 * 16 + 16 + 16 * 4 + 4;
    expect(found(result, "update", "", "SGD.step")).toMatchObject({
      calls: 2,
      bytesWritten: 2 * 4 * parameters,
    });
  });

  it("adds up to the operations' time, which is a part of the whole", () => {
    const result = profile(step);
    const sum = result.rows.reduce((total, { ms }) => total + ms, 0);
    expect(result.operationsMs).toBe(sum);
    expect(sum).toBeLessThanOrEqual(result.wallMs);
    expect(Math.min(...result.rows.map(({ ms }) => ms))).toBeGreaterThanOrEqual(0);
  });

  it("knows the path of every part of a model, also where a past is given", () => {
    const gpt = new GPT({ vocabSize: 5, embedDim: 8, numLayers: 2, numHeads: 2, maxSeqLen: 4 });
    const ids = tensor([[1, 2, 3]], { dtype: "int32" });
    const paths = (fn: () => unknown) => new Set(profile(fn).rows.map(({ path }) => path));
    const whole = paths(() => gpt.forward(ids));
    expect([...whole]).toEqual(expect.arrayContaining(["embedding", "blocks.0.mlpNorm", "blocks.1", "norm"]));
    expect(paths(() => gpt.next(ids))).toEqual(new Set([...whole]));
  });

  it("gives what is called directly to its own layer, and a second model a name of its own", () => {
    const other = new MultiHeadAttention(8, 2);
    const result = profile(() => {
      model.forward(randn([5, 8]));
      other.forward(randn([1, 3, 8]));
      randn([3]).add(1);
    });
    const paths = result.rows.map(({ path }) => path);
    expect(paths).toContain("");
    expect(paths.some((path) => path.startsWith("MultiHeadAttention2"))).toBe(true);
  });

  it("changes no result and no gradient", () => {
    const x = randn([5, 8]);
    const run = () => {
      model.zeroGrad();
      const y = model.forward(x);
      y.square().sum().backward();
      return [y.toArray(), ...model.parameters().map((p) => p.grad?.toArray())];
    };
    const plain = run();
    let seen: unknown;
    profile(() => {
      seen = run();
    });
    expect(seen).toEqual(plain);
    model.zeroGrad();
  });

  it("ends with its block, also on a throw, and gives the same result twice", () => {
    expect(() =>
      profile(() => {
        model.forward(randn([5, 9]));
      }),
    ).toThrow(/Linear\(8 → 16\)/);
    using run = profile();
    randn([2]).add(1);
    expect(run.stop()).toBe(run.stop());
    expect(run.stop().rows.map(({ operation }) => operation)).toEqual(["Add"]);
  });

  it("leaves out what comes before the first operation and after the last, where wanted", async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
    const result = await profile(
      async () => {
        await wait();
        step();
        await wait();
      },
      { trim: true },
    );
    const spans = result.events.map(({ start, ms }) => [start, start + ms]);
    const [first, last] = [
      Math.min(...spans.map(([start]) => start)),
      Math.max(...spans.map(([, end]) => end)),
    ];
    expect(result.wallMs).toBeGreaterThanOrEqual(result.operationsMs);
    expect(result.wallMs).toBeLessThan(last - first); // which holds the profiler's own work, too
  });

  it("waits for an async function", async () => {
    const result = await profile(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      step();
    });
    expect(found(result, "forward", "0", "Affine")?.calls).toBe(1);
    await expect(profile(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it("refuses a second one inside another, and one that was left open, and says where that was opened", () => {
    const run = profile();
    const second = (): void => {
      try {
        profile(step);
      } catch (error) {
        const { message } = error as Error;
        throw new TypeError(message.replace(/opened at .*profile\.test\.ts:\d+:\d+\)?/, "opened at …"));
      }
    };
    expect(second).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: profile: another profile is running, opened at … — one at a time; leave its block (using run = profile()) or call its stop() first]`,
    );
    run.stop();
    expect(() => profile({ maxEvents: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: profile: maxEvents = -1 — an integer, 0 or more]`,
    );
    profile(step); // and is not in anyone's way
  });
});

describe("a profile's outputs", () => {
  const result = profile(step);
  const ceilings = { bytesPerSecond: 10e9, flopsPerSecond: 100e9 };

  it("is a table with the sum, and what passed between operations", () => {
    const lines = result.table({ limit: 3 }).split("\n");
    expect(lines[0]).toMatch(/^phase +layer +operation +calls +ms +share +GFLOP/);
    expect(lines).toHaveLength(1 + 3 + 4);
    expect(lines.slice(-4).map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      `${result.rows.length - 3} more rows`,
      "operations",
      "between them",
      "in all",
    ]);
  });

  it("is a trace that nests: every span lies inside the one that began before it and is not over", () => {
    const { traceEvents } = JSON.parse(result.trace()) as {
      traceEvents: { ph: string; ts: number; dur: number }[];
    };
    const spans = traceEvents.filter(({ ph }) => ph === "X").sort((a, b) => a.ts - b.ts || b.dur - a.dur);
    const open: number[] = [];
    for (const { ts, dur } of spans) {
      while (open.length > 0 && (open.at(-1) as number) <= ts + 0.002) open.pop();
      const end = open.at(-1);
      if (end !== undefined) expect(ts + dur).toBeLessThanOrEqual(end + 0.002);
      open.push(ts + dur);
    }
    expect(spans.length).toBeGreaterThan(10);
    expect(traceEvents.some(({ ph }) => ph === "C")).toBe(true);
  });

  it("keeps as many spans as wanted, and says how many are missing", () => {
    const few = profile(step, { maxEvents: 5 });
    expect(few.events).toHaveLength(5);
    expect(few.droppedEvents).toBeGreaterThan(5);
  });

  it("is drawn, and put on a page", () => {
    expect(result.flameGraph()).toMatch(/^<svg.*Affine/s);
    expect(result.roofline(ceilings)).toMatch(/^<svg.*10 GB\/s.*100 GFLOP\/s/s);
    expect(result.page("A step", ceilings)).toMatch(/<h1>A step<\/h1>.*Bottlenecks.*Flame graph.*Roofline/s);
  });

  it("names bottlenecks and what holds them up", () => {
    const sentences = result.bottlenecks(ceilings);
    expect(sentences.at(-1)).toMatch(/^The heap is fullest, .* around /);
    expect(sentences.slice(0, -1).join(" ")).toMatch(/% of the time (is|passes)/);
  });
});
