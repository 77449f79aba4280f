import { randn } from "tensorgrad";
import { Benchmark } from "tensorgrad/benchmarking";
import { Linear, type Module, ReLU, Sequential } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";

const small = new Linear(4, 2);
const large = new Sequential(new Linear(4, 64), new ReLU(), new Linear(64, 2));

/** A clock by which every call takes as long as its model has parameters: no test depends on the machine. */
function scripted() {
  let time = 0;
  const run = (model: Module): void => {
    time += model.parameters().reduce((sum, { size }) => sum + size, 0);
  };
  return { now: () => time, run };
}

const metrics = ["accuracy", "latency", "throughput", "memory", "energy"] as const;
const input = randn([1, 4]);

async function measured() {
  const { now, run } = scripted();
  let used = 0;
  const meter = { joules: () => [0, 6][used++ % 2] };
  const benchmark = new Benchmark({ rounds: 9, warmUp: 1, now, meter });
  const comparison = await benchmark.compareModels(
    { large, small },
    {
      metrics: [...metrics],
      input,
      batch: randn([3, 4]),
      accuracy: (_, name) => (name === "large" ? 0.9 : 0.8),
      run,
    },
  );
  return { benchmark, comparison };
}

describe("Benchmark", () => {
  it("measures latency, throughput, memory, energy and accuracy of every model, in turns", async () => {
    const { comparison } = await measured();
    const [of64, of2] = comparison.results;
    expect(of2).toMatchObject({ name: "small", accuracy: 0.8, parameters: 10, size: 40 });
    expect(of2.latency).toEqual({ estimate: 10, low: 10, high: 10 });
    expect(of2.throughput?.estimate).toBe(3000 / 10);
    expect(of2.energy?.estimate).toBe(6 / 3);
    expect(of64.latency?.estimate).toBe(450);
    expect(of2.speedup).toEqual({ ratio: 45, low: 45, high: 45 });
    expect(of64.memory).toBeGreaterThanOrEqual(450 * 4);
    expect(of2.rounds).toHaveLength(9);
    expect([small.training, large.training]).toEqual([true, true]);
  });

  it("draws trade-offs and reports them as a page, as Markdown and as JSON", async () => {
    const { benchmark } = await measured();
    expect(Object.keys(benchmark.plotResults())).toEqual([
      "accuracy by size",
      "accuracy by latency",
      "throughput by memory",
      "throughput by latency",
    ]);
    const { html, markdown, json } = benchmark.generateReport({ title: "Two models" });
    expect(html).toMatch(/<h1>Two models<\/h1>.*<svg/s);
    expect(markdown.split("\n").slice(4)).toMatchInlineSnapshot(`
      [
        "| model | accuracy | latency (ms) | throughput (1/s) | memory (bytes) | size (bytes) | energy (J) | speed | unbeaten |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| large | 0.9000 | 450 (450–450) | 6.67 (6.67–6.67) | 1.8 KB | 1.8 KB | 2 (2–2) | 1× (1–1) | yes |",
        "| small | 0.8000 | 10 (10–10) | 300 (300–300) | 40 bytes | 40 bytes | 2 (2–2) | 45× (45–45) | yes |",
        "",
      ]
    `);
    expect(JSON.parse(json)).toMatchObject({ title: "Two models", front: ["large", "small"] });
    expect(benchmark.paretoFront()).toEqual(["large", "small"]);
  });

  it("has no energy where the machine reports none", async () => {
    const { now, run } = scripted();
    const benchmark = new Benchmark({ rounds: 6, warmUp: 0, now, meter: null });
    const { results } = await benchmark.compareModels({ small }, { metrics: ["energy"], input, run });
    expect(results[0].energy).toBeNull();
    expect(benchmark.generateReport().markdown).not.toContain("energy");
  });

  it("refuses what it cannot measure", async () => {
    const benchmark = new Benchmark();
    await expect(benchmark.compareModels({}, { input })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compareModels: no models — pass them by name: { float32: model, int8: quantized }]`,
    );
    await expect(benchmark.compareModels({ small }, { input })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compareModels: metric "accuracy" without a way to find it — give { accuracy: (model) => a number }, or other metrics]`,
    );
    await expect(
      benchmark.compareModels({ small }, { metrics: ["latency"] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compareModels: latency without an input — give { input: a tensor, the batch first }]`,
    );
    await expect(
      benchmark.compareModels({ small }, { metrics: ["beauty" as never], input }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compareModels: metrics beauty — they are accuracy, latency, throughput, memory, size, energy]`,
    );
    await expect(
      new Benchmark({ rounds: 3 }).compareModels({ small }, { metrics: ["latency"], input }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Benchmark: rounds = 3, warmUp = 3 — integers; an interval of 95 % needs 6 rounds or more]`,
    );
    expect(() => benchmark.plotResults()).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: plotResults: nothing was compared yet — await compareModels(models) first]`,
    );
  });
});
