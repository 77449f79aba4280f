import type * as prom from "prom-client";
import { Slot } from "../batching/slot.ts";
import { TextSlot } from "../batching/text-slot.ts";
import type { TextModel } from "../engines/text.ts";
import { Refusal } from "../refusal.ts";
import type { ModelSlot, ServedModel, Server, ServingHooks } from "../types.ts";
import { HookList } from "./hooks.ts";
import { Metrics } from "./metrics.ts";
import type { Limits } from "./options.ts";

export interface HostOptions {
  readonly limits: Limits;
  readonly nonFinite: boolean;
  readonly hooks: readonly ServingHooks[];
  readonly onError: (error: unknown) => void;
}

/** What the routes know: models, limits, and those who watch. */
export class Host implements Server {
  url = "";
  readonly limits: Limits;
  readonly nonFinite: boolean;
  readonly slots = new Map<string, Slot>();
  readonly texts = new Map<string, TextSlot>();
  readonly hooks: HookList;
  readonly counts: Metrics;
  /** Set by whoever listens. */
  onClose: () => Promise<void> = async () => {};
  #closed: Promise<void> | null = null;

  constructor(client: typeof prom, { limits, nonFinite, hooks, onError }: HostOptions) {
    [this.limits, this.nonFinite] = [limits, nonFinite];
    this.hooks = new HookList(hooks, onError);
    this.counts = new Metrics(client, () =>
      [...this.slots.values()].map(({ name, waiting }) => [name, waiting]),
    );
  }

  get models(): ReadonlyMap<string, ModelSlot> {
    return this.slots;
  }

  get metrics(): prom.Registry {
    return this.counts.registry;
  }

  get closing(): boolean {
    return this.#closed !== null;
  }

  add(model: ServedModel): void {
    const watch = {
      onBatch: (model: ServedModel, rows: number, ms: number) => this.counts.batch(model, rows, ms),
    };
    const slot = new Slot(model, { ...this.limits, concurrency: 1 }, watch);
    this.slots.set(slot.name, slot);
  }

  addText(model: TextModel): void {
    const { maxStreams, maxQueue } = this.limits;
    model.watch((texts, ms) => this.counts.batch(model, texts, ms));
    this.texts.set(model.name, new TextSlot(model, { maxStreams, maxQueue }));
  }

  /** Throws  Refusal 404 */
  slot(name: string): Slot {
    return this.slots.get(name) ?? missing(name, this.slots);
  }

  /** Throws  Refusal 404 */
  text(name: string): TextSlot {
    return this.texts.get(name) ?? missing(name, this.texts);
  }

  use(hooks: ServingHooks): () => void {
    return this.hooks.use(hooks);
  }

  close(): Promise<void> {
    this.#closed ??= this.onClose();
    return this.#closed;
  }
}

function missing(name: string, known: ReadonlyMap<string, unknown>): never {
  const names = [...known.keys()].join(", ") || "none of this kind";
  throw new Refusal(404, `model ${JSON.stringify(name.slice(0, 100))} is not served — there are: ${names}`, {
    param: "model",
  });
}
