import { checked, expectArgument, isList, median, quantile, scope } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { evaluating, type Module } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";

/** Options of `measureLatency`. */
export interface LatencyOptions {
  /** Calls that do not count: compilers and caches settle. */
  readonly warmUp?: number;
  readonly runs?: number;
}

/** Milliseconds of one forward pass. */
export interface Latency {
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly least: number;
  /** The range of the middle half, as a share of the median: what the machine does to repeated runs. */
  readonly spread: number;
  /** All of them, in the order in which they were taken. */
  readonly samples: readonly number[];
}

/**
 * How long a model takes for one input, in evaluation and without gradients.
 *
 * Throws    RangeError for counts that are no integers, or less than one run
 */
export function measureLatency(model: Module, input: Tensor, options: LatencyOptions = {}): Latency {
  const { warmUp = 5, runs = 50 } = checked("measureLatency", options, ["warmUp", "runs"]);
  if (![warmUp, runs].every(Number.isInteger) || warmUp < 0 || runs < 1)
    throw new RangeError(`measureLatency: warmUp = ${warmUp}, runs = ${runs} — integers, at least 0 and 1`);
  using _ = evaluating(model);
  const samples: number[] = [];
  noGrad(() => {
    for (let run = -warmUp; run < runs; run++) {
      using _run = scope();
      const start = performance.now();
      model.forward(input);
      if (run >= 0) samples.push(performance.now() - start);
    }
  });
  return latencyOf(samples);
}

/** Median, quantiles and extremes of times in milliseconds. */
export function latencyOf(samples: readonly number[]): Latency {
  expectArgument(isList(samples), "latencyOf", "samples", samples, "a list of milliseconds");
  const [p90, p99, least] = [0.9, 0.99, 0].map((q) => quantile(samples, q));
  const middle = median(samples);
  const spread = (quantile(samples, 0.75) - quantile(samples, 0.25)) / middle;
  return { median: middle, p90, p99, least, spread, samples };
}
