import { ShapeError } from "../../00-runtime/index.ts";
import { Refusal } from "../refusal.ts";
import type { Answer, InferOptions, ModelSlot, ServedModel, TensorMap } from "../types.ts";
import { Batcher, type BatchLimits } from "./batcher.ts";
import { joinRows, splitRows } from "./rows.ts";
import { checkName, difference } from "./schema.ts";

/** What a slot tells the metrics. */
export interface SlotWatch {
  onBatch?(model: ServedModel, rows: number, ms: number): void;
}

/** A version, and those who wait for it. */
interface Lane {
  readonly model: ServedModel;
  readonly batcher: Batcher<TensorMap, TensorMap>;
}

/**
 * A name, its versions and their queues.
 *
 * A promotion changes one reference. Requests that arrived before keep the version they were given, and that version closes
 * only when it has answered them: so no request is dropped, and none is computed by two versions.
 */
export class Slot implements ModelSlot {
  readonly name: string;
  readonly #limits: BatchLimits;
  readonly #watch: SlotWatch;
  readonly #lanes = new Map<string, Lane>();
  #current: Lane;

  constructor(model: ServedModel, limits: BatchLimits, watch: SlotWatch = {}) {
    checkName("serve", "name", model.name);
    [this.name, this.#limits, this.#watch] = [model.name, limits, watch];
    this.#current = this.#open(model);
  }

  get current(): ServedModel {
    return this.#current.model;
  }

  get versions(): readonly ServedModel[] {
    return [...this.#lanes.values()].map(({ model }) => model);
  }

  has(version: string): boolean {
    return this.#lanes.has(version);
  }

  /** Rows that wait, of all versions. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, { batcher }) => sum + batcher.waiting, 0);
  }

  add(model: ServedModel): void {
    const call = `${this.name}.add`;
    if (this.#lanes.has(model.version))
      throw new RangeError(`${call}: version "${model.version}" — it is served already; give another`);
    const wrong = difference(this.current.schema, model.schema);
    if (wrong !== null)
      throw new ShapeError(
        `${call}: version "${model.version}" ${wrong} — clients of ${this.name} count on one schema; serve it under another name`,
      );
    this.#open(model);
  }

  promote(version: string): void {
    this.#current = this.#lane("promote", version);
  }

  async swap(next: ServedModel): Promise<void> {
    const before = this.current.version;
    this.add(next);
    this.promote(next.version);
    await this.retire(before);
  }

  async retire(version: string): Promise<void> {
    const lane = this.#lane("retire", version);
    if (lane === this.#current)
      throw new RangeError(
        `${this.name}.retire: version "${version}" is the current one — promote another first`,
      );
    await this.#close(lane);
  }

  /** The model that would compute a request for this version. Throws  Refusal 404 */
  find(version?: string): ServedModel {
    return this.#laneOf(version).model;
  }

  async infer(inputs: TensorMap, { version, signal }: InferOptions = {}): Promise<Answer> {
    const { model, batcher } = this.#laneOf(version);
    const outputs = await batcher.submit(inputs, signal);
    return { version: model.version, outputs };
  }

  /** Answers what was taken, then closes every version. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => this.#close(lane)));
  }

  #open(model: ServedModel): Lane {
    checkName("serve", "version", model.version);
    const lane = { model, batcher: batcherFor(model, this.#limits, this.#watch) };
    this.#lanes.set(model.version, lane);
    return lane;
  }

  async #close({ model, batcher }: Lane): Promise<void> {
    this.#lanes.delete(model.version);
    await batcher.close();
    await model.close?.();
  }

  #lane(call: string, version: string): Lane {
    const lane = this.#lanes.get(version);
    if (lane) return lane;
    throw new RangeError(
      `${this.name}.${call}: version "${version}" — there are ${[...this.#lanes.keys()].join(", ")}`,
    );
  }

  #laneOf(version: string | undefined): Lane {
    if (version === undefined) return this.#current;
    const lane = this.#lanes.get(version);
    if (lane) return lane;
    throw new Refusal(
      404,
      `infer: model "${this.name}" has no version ${JSON.stringify(version.slice(0, 100))}`,
    );
  }
}

function batcherFor(
  model: ServedModel,
  limits: BatchLimits,
  { onBatch }: SlotWatch,
): Batcher<TensorMap, TensorMap> {
  const { batched, schema } = model;
  const [first] = schema.inputs;
  const run = async (requests: readonly TensorMap[]): Promise<readonly TensorMap[]> => {
    if (requests.length === 1) return [await model.infer(requests[0])];
    const counts = requests.map((inputs) => inputs[first.name].shape[0]);
    return splitRows(await model.infer(joinRows(requests)), counts);
  };
  const { maxBatch, maxWait, maxQueue, deadline, concurrency } = limits;
  return new Batcher({
    ...{ maxBatch, maxWait, maxQueue, deadline, concurrency },
    run,
    onBatch: (rows, ms) => onBatch?.(model, rows, ms),
    ...(batched ? { size: (inputs) => inputs[first.name].shape[0], kind: tails } : { maxBatch: 1 }),
  });
}

/** Rows of different sizes cannot stand below each other. */
const tails = (inputs: TensorMap): string =>
  Object.values(inputs)
    .map(({ shape }) => shape.slice(1).join("x"))
    .join(" ");
