import { LatencyHistogram } from "../monitor/index.ts";
import type { Server, ServingHooks } from "../types.ts";

/** One second of a server. */
export interface LoadSample {
  /** Seconds since 1970. */
  readonly time: number;
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  /** In ms; null in a second without requests. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** Rows in the queues. */
  readonly waiting: number;
}

/** Five minutes. */
const REMEMBERED = 300;

/** Counts what a server does, second by second. */
export class Load {
  readonly samples: LoadSample[] = [];
  readonly #server: Server;
  readonly #latency = new LatencyHistogram();
  #errors = 0;
  #refused = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  hooks(): ServingHooks {
    return {
      onResponse: ({ latency, status }) => {
        this.#latency.add(latency);
        if (status === 503 || status === 504) this.#refused++;
        else if (status >= 500) this.#errors++;
      },
    };
  }

  /** Ends a second. */
  async tick(): Promise<LoadSample> {
    const { count: requests, p50, p99 } = this.#latency.quantiles();
    const [errors, refused] = [this.#errors, this.#refused];
    this.#latency.clear();
    [this.#errors, this.#refused] = [0, 0];
    const sample = {
      ...{ time: Date.now() / 1000, requests, errors, refused },
      ...{ p50: requests ? p50 : null, p99: requests ? p99 : null, waiting: await this.#waiting() },
    };
    this.samples.push(sample);
    if (this.samples.length > REMEMBERED) this.samples.shift();
    return sample;
  }

  async #waiting(): Promise<number> {
    const found = await this.#server.metrics.getSingleMetric("tensorgrad_queue_rows")?.get();
    return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
  }
}
