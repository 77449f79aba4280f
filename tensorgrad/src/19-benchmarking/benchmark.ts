import { checked, Printed, settings } from "../00-runtime/index.ts";
import type { Module } from "../03-layers/index.ts";
import {
  type BenchmarkOptions,
  type CompareOptions,
  type Comparison,
  compare,
  settingsOf,
} from "./comparison.ts";
import { frontOf, htmlOf, markdownOf, plotsOf } from "./report.ts";

/** A report in three forms of the same content. */
export interface ModelReport {
  readonly html: string;
  readonly json: string;
  readonly markdown: string;
}

/**
 * Compares models fairly: on one machine, in one run, in turns, each number with an interval.
 *
 * ```ts
 * const benchmark = new Benchmark();
 * const { results } = await benchmark.compareModels({ float32: model, int8: quantized }, { input, accuracy });
 * benchmark.plotResults()["accuracy by latency"]; // SVG
 * benchmark.generateReport({ title: "Compressed" }).html;
 * ```
 */
export class Benchmark extends Printed {
  readonly #settings: Required<BenchmarkOptions>;
  #last: Comparison | null = null;

  constructor(options: BenchmarkOptions = {}) {
    checked("Benchmark", options, ["rounds", "warmUp", "now", "meter"]);
    super();
    this.#settings = settingsOf(options);
  }

  /**
   * Measures every model, in evaluation and without gradients: accuracy, latency and memory unless told otherwise.
   *
   * Throws    TypeError for no models, unknown metrics, or a metric without what it needs; RangeError for fewer than 6 rounds
   */
  async compareModels(
    models: Readonly<Record<string, Module>>,
    options: CompareOptions = {},
  ): Promise<Comparison> {
    checked("compareModels", options, ["metrics", "input", "batch", "accuracy", "run"]);
    this.#last = await compare(models, options, this.#settings);
    return this.#last;
  }

  /** Models of the last comparison that no other beats in all of its metrics. */
  paretoFront(): string[] {
    return frontOf(this.#comparison("paretoFront"));
  }

  /** SVGs by name, such as `accuracy by size`: one for each pair of metrics that was measured. */
  plotResults(): Record<string, string> {
    return plotsOf(this.#comparison("plotResults"));
  }

  /** One HTML page without script or network, the same as Markdown, and everything as JSON. */
  generateReport(options: { readonly title?: string } = {}): ModelReport {
    const { title = "Benchmark" } = checked("Benchmark.generateReport", options, ["title"]);
    const comparison = this.#comparison("generateReport");
    const json = `${JSON.stringify({ title, ...comparison, front: frontOf(comparison) }, null, 2)}\n`;
    return { html: htmlOf(comparison, title), json, markdown: markdownOf(comparison, title) };
  }

  #comparison(call: string): Comparison {
    if (this.#last) return this.#last;
    throw new TypeError(`${call}: nothing was compared yet — await compareModels(models) first`);
  }

  protected override describe(): string {
    return settings(this.#settings);
  }
}
