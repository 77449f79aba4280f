import { type Tensor, zeros } from "tensorgrad";
import { Benchmark, type Comparison } from "tensorgrad/benchmarking";
import type { Dataset, ImageDataset } from "tensorgrad/data";
import { type GPT, KVCache, type Module } from "tensorgrad/nn";
import { meanSurprise } from "../gpt-score.ts";
import { accuracyOf } from "./cnn.ts";

/** What one model costs, and what it is worth. */
export interface VariantRow {
  readonly name: string;
  /** Of images; of characters: the probability that the model gives the true one, its geometric mean. */
  readonly accuracy: number;
  /** Milliseconds of the smallest job. */
  readonly ms: number;
  /** Images, or characters, a second. */
  readonly perSecond: number;
  /** Of parameters and buffers. */
  readonly bytes: number;
  /** Most bytes on the heap. */
  readonly memory: number;
  readonly speedup: number;
  /** Whether no other model beats it in everything. */
  readonly unbeaten: boolean;
}

export interface Variants {
  readonly rows: readonly VariantRow[];
  /** SVGs by name, such as "accuracy by size". */
  readonly plots: Readonly<Record<string, string>>;
  readonly report: string;
}

export interface CompareVariantsOptions {
  readonly rounds: number;
  readonly title: string;
}

/** All networks at one image and at a batch, in turns. */
export async function compareCnn(
  models: Readonly<Record<string, Module>>,
  test: ImageDataset,
  batch: Tensor,
  { rounds, title }: CompareVariantsOptions,
): Promise<Variants> {
  const benchmark = new Benchmark({ rounds });
  const comparison = await benchmark.compareModels(models, {
    ...{ input: batch.narrow(0, 0, 1), batch, metrics: ["accuracy", "latency", "throughput", "memory"] },
    accuracy: (model) => accuracyOf(model, test),
  });
  return gathered(benchmark, comparison, title);
}

/** All models writing so many characters, one after the other, with a cache; the first dim of the "batch" counts characters. */
export async function compareGpt(
  models: Readonly<Record<string, GPT>>,
  windows: Dataset,
  length: number,
  { rounds, title }: CompareVariantsOptions,
): Promise<Variants> {
  const caches = new Map<Module, KVCache>(Object.values(models).map((model) => [model, KVCache.for(model)]));
  const benchmark = new Benchmark({ rounds });
  const comparison = await benchmark.compareModels(models, {
    ...{ input: zeros([length]), metrics: ["accuracy", "latency", "throughput", "memory"] },
    accuracy: (model) => Math.exp(-meanSurprise(model as GPT, windows)),
    run: (model, x) => {
      const cache = caches.get(model) as KVCache;
      (model as GPT).generate([0], { maxLength: x.shape[0], temperature: 0, cache });
    },
  });
  return gathered(benchmark, comparison, title);
}

function gathered(benchmark: Benchmark, { results }: Comparison, title: string): Variants {
  const front = benchmark.paretoFront();
  const rows = results.map((r) => ({
    ...{ name: r.name, accuracy: r.accuracy ?? NaN, ms: r.latency?.estimate ?? NaN, bytes: r.size },
    ...{ perSecond: r.throughput?.estimate ?? NaN, memory: r.memory ?? NaN },
    ...{ speedup: r.speedup?.ratio ?? NaN, unbeaten: front.includes(r.name) },
  }));
  return { rows, plots: benchmark.plotResults(), report: benchmark.generateReport({ title }).html };
}
