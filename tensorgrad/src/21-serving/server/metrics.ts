import type * as prom from "prom-client";
import { heap } from "../../00-runtime/index.ts";
import type { ServedModel } from "../types.ts";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What `/metrics` shows, in the units that Prometheus asks for: seconds and bytes. */
export class Metrics {
  readonly registry: prom.Registry;
  readonly #http: prom.Histogram<"route" | "status">;
  readonly #rows: prom.Histogram<"model" | "version">;
  readonly #seconds: prom.Histogram<"model" | "version">;
  readonly #tokens: prom.Counter<"model">;

  /** `waiting` is asked for the rows in the queue of every model when somebody reads. */
  constructor(
    { Registry, Histogram, Counter, Gauge, collectDefaultMetrics }: typeof prom,
    waiting: () => [string, number][],
  ) {
    const registry = new Registry();
    this.registry = registry;
    const common = { registers: [registry] };
    this.#http = new Histogram({
      ...common,
      name: "tensorgrad_http_request_seconds",
      help: "From a request until its answer was sent",
      labelNames: ["route", "status"],
      buckets: SECONDS,
    });
    const byVersion = { ...common, labelNames: ["model", "version"] as const };
    this.#rows = new Histogram({
      ...byVersion,
      name: "tensorgrad_batch_rows",
      help: "Rows, or texts, computed together",
      buckets: ROWS,
    });
    this.#seconds = new Histogram({
      ...byVersion,
      name: "tensorgrad_batch_seconds",
      help: "Time to compute a batch",
      buckets: SECONDS,
    });
    this.#tokens = new Counter({
      ...common,
      name: "tensorgrad_tokens_total",
      help: "Tokens written",
      labelNames: ["model"],
    });
    new Gauge({
      ...common,
      name: "tensorgrad_queue_rows",
      help: "Rows that wait",
      labelNames: ["model"],
      collect() {
        for (const [model, rows] of waiting()) this.set({ model }, rows);
      },
    });
    new Gauge({
      ...common,
      name: "tensorgrad_heap_bytes",
      help: "Tensor memory in use",
      collect() {
        this.set(heap.live);
      },
    });
    collectDefaultMetrics({ register: registry });
  }

  request(route: string, status: number, ms: number): void {
    this.#http.observe({ route, status }, ms / 1000);
  }

  batch({ name: model, version }: Pick<ServedModel, "name" | "version">, rows: number, ms: number): void {
    this.#rows.observe({ model, version }, rows);
    this.#seconds.observe({ model, version }, ms / 1000);
  }

  token(model: string): void {
    this.#tokens.inc({ model });
  }
}
