import { checked, INSPECT, listed } from "../../00-runtime/index.ts";
import type { ArrayValue } from "../../onnx/index.ts";
import { greatestOf } from "../greatest.ts";
import { LatencyHistogram, type Quantiles } from "../monitor/index.ts";
import type { ResponseEvent, Server, ServingHooks, TensorMap } from "../types.ts";
import { positionOf } from "./assign.ts";

/** Options of `Shadow`. */
export interface ShadowOptions {
  readonly model: string;
  /** The version that is tried; it stands in the model's slot, beside the current one. */
  readonly version: string;
  /** Of requests that are answered a second time. */
  readonly share?: number;
  /** Answers that are waited for; while there are as many, further requests are left out. */
  readonly maxInFlight?: number;
  /** Whether two answers say the same: by default, every row's greatest output is the same one. */
  readonly agree?: (answered: TensorMap, shadow: TensorMap) => boolean;
}

/** What a shadow saw so far: requests, differences, times. */
export interface ShadowState {
  readonly model: string;
  readonly version: string;
  readonly agreed: number;
  readonly differed: number;
  readonly failed: number;
  /** Left out because too many were under way. */
  readonly dropped: number;
  readonly latency: Quantiles;
}

/**
 * Lets a version answer requests that another one has answered, and compares: nobody sees its answers, or feels its errors.
 *
 *   slot.add(candidate);
 *   const shadow = new Shadow({ model: "digits", version: "2", share: 0.2 });
 *   server.use(shadow.hooks(server));
 *
 * It begins when the answer is on its way, yet it uses the same machine: `share` and `maxInFlight` bound what it takes.
 */
export class Shadow {
  readonly #options: Required<ShadowOptions>;
  readonly #latency = new LatencyHistogram();
  readonly #counts = { agreed: 0, differed: 0, failed: 0, dropped: 0 };
  #inFlight = 0;

  /** Throws  RangeError for a share that is none, and a maxInFlight below 1 */
  constructor(options: ShadowOptions) {
    const {
      model,
      version,
      share = 1,
      maxInFlight = 8,
      agree = sameAnswers,
    } = checked("Shadow", options, ["model", "version", "share", "maxInFlight", "agree"]);
    if (!(share > 0 && share <= 1)) throw new RangeError(`Shadow: share ${share} — above 0, at most 1`);
    if (!Number.isInteger(maxInFlight) || maxInFlight < 1)
      throw new RangeError(`Shadow: maxInFlight ${maxInFlight} — an integer ≥ 1`);
    this.#options = { model, version, share, maxInFlight, agree };
  }

  [INSPECT](): string {
    return `Shadow(${listed({ ...this.#options, ...this.#counts })})`;
  }

  /** What the server calls: the candidate sees the same requests, and nobody sees its answers. */
  hooks(server: Pick<Server, "models">): ServingHooks {
    const { model, version, share, maxInFlight } = this.#options;
    return {
      onResponse: (event) => {
        if (event.model !== model || event.version === version || event.outputs === null) return;
        if (positionOf("shadow", event.id) >= share) return;
        if (this.#inFlight >= maxInFlight) this.#counts.dropped++;
        else void this.#answer(server, event, event.outputs);
      },
    };
  }

  /** What was compared so far. */
  state(): ShadowState {
    const { model, version } = this.#options;
    return { model, version, ...this.#counts, latency: this.#latency.quantiles() };
  }

  async #answer(server: Pick<Server, "models">, event: ResponseEvent, answered: TensorMap): Promise<void> {
    const { model, version, agree } = this.#options;
    const start = performance.now();
    this.#inFlight++;
    try {
      const slot = server.models.get(model);
      if (!slot) throw new RangeError(`Shadow: ${model} is not served`);
      const { outputs } = await slot.infer(event.inputs, { version });
      this.#latency.add(performance.now() - start);
      this.#counts[agree(answered, outputs) ? "agreed" : "differed"]++;
    } catch {
      this.#counts.failed++; // counted: nobody asked for this answer
    } finally {
      this.#inFlight--;
    }
  }
}

/** Whether every row of every output has its greatest number at the same place; of single numbers, whether they are close. */
export function sameAnswers(a: TensorMap, b: TensorMap): boolean {
  return Object.entries(a).every(([name, value]) => name in b && sameRows(value, b[name]));
}

function sameRows(a: ArrayValue, b: ArrayValue): boolean {
  if (a.shape.join() !== b.shape.join()) return false;
  const width = a.shape.length > 1 ? (a.shape.at(-1) ?? 1) : 1;
  if (width === 1 || !a.dtype.startsWith("float"))
    return a.data.every(
      (value, i) =>
        Math.abs(Number(value) - Number(b.data[i])) <= 1e-4 * Math.max(1, Math.abs(Number(value))),
    );
  for (let at = 0; at < a.data.length; at += width) {
    const [left, right] = [a, b].map(({ data }) => greatestOf(data.subarray(at, at + width) as Float32Array));
    if (left !== right) return false;
  }
  return true;
}
