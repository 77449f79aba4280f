/** What runs in a loader's worker: makes the data set from its recipe, then batches of it, one request after another. */
import { type MessagePort, workerData } from "node:worker_threads";
import { scope, type TypedArray } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { collate, type Dataset } from "../dataset.ts";
import * as data from "../index.ts";
import { RowDataset } from "../sets/rows.ts";
import { exampleRandom } from "./pass.ts";
import { unpack } from "./recipe.ts";
import { tsxBeside } from "./tsx.ts";
import type { Failure, Parcel, Reply, Request, Task } from "./worker-messages.ts";

const { port, recipe } = workerData as { readonly port: MessagePort; readonly recipe: unknown };

/** Classes that a recipe names without a module come from here; those that read files only when they are needed. */
async function find(module: string | undefined, name: string): Promise<unknown> {
  if (module !== undefined) return (await load(module))[name];
  const known: Record<string, unknown> = { ...data, RowDataset };
  return known[name] ?? (await import("../node.ts"))[name as never];
}

/** Whether this thread can read TypeScript: by itself (later versions of Node), or as these sources can be read. */
let readsTypeScript = Boolean(Reflect.get(process.features, "typescript")) || import.meta.url.endsWith(".ts");

/** Threads do not inherit a loader of TypeScript from a program that runs with one: they take that of the module. */
async function load(module: string): Promise<Record<string, unknown>> {
  if (!readsTypeScript && /\.[cm]?tsx?$/.test(module)) {
    const { register } = await import(tsxBeside(module));
    register();
    readsTypeScript = true;
  }
  return import(module);
}

function answer(dataset: Dataset, { id, task, spare }: Request): void {
  try {
    using _workspace = scope();
    const { x, y } = makeBatch(dataset, task);
    const memory = [...spare];
    const parcels = [parcel(x, memory), parcel(y, memory)];
    const reply: Reply = { id, made: { x: parcels[0], y: parcels[1] } };
    port.postMessage(
      reply,
      parcels.map(({ data }) => data.buffer as ArrayBuffer),
    );
  } catch (error) {
    port.postMessage({ id, failure: failure(error, culprit(dataset, task)) } satisfies Reply);
  }
}

function makeBatch(dataset: Dataset, { indices, seed, first, pass }: Task): Batch {
  const random = seed === null ? undefined : exampleRandom(seed, first, pass);
  if (dataset.batch) return dataset.batch(indices, random);
  return collate(Array.from(indices, (i, k) => dataset.get(i, random?.(k))));
}

/** The first example that fails on its own. */
function culprit(dataset: Dataset, { indices, seed, first, pass }: Task): number | null {
  using _workspace = scope();
  const random = seed === null ? undefined : exampleRandom(seed, first, pass);
  for (let k = 0; k < indices.length; k++) {
    try {
      dataset.get(indices[k], random?.(k));
    } catch {
      return indices[k];
    }
  }
  return null;
}

/** Copies a tensor into memory that can be given away: a piece of `spare`, if one fits. */
function parcel({ data, shape, dtype }: Tensor, spare: ArrayBuffer[]): Parcel {
  const fit = spare.findIndex(({ byteLength }) => byteLength === data.byteLength);
  if (fit < 0) return { data: data.slice(), shape, dtype };
  const [memory] = spare.splice(fit, 1);
  const copy = new (data.constructor as new (memory: ArrayBuffer) => TypedArray)(memory);
  copy.set(data);
  return { data: copy, shape, dtype };
}

function failure(error: unknown, example: number | null): Failure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, example };
}

try {
  const dataset = (await unpack(recipe, find)) as Dataset;
  if (typeof dataset?.get !== "function" || typeof dataset.length !== "number") {
    throw new TypeError("the recipe makes no data set — expected an object with length and get(i)");
  }
  port.on("message", (request: Request) => answer(dataset, request));
} catch (error) {
  port.postMessage({ id: -1, failure: failure(error, null) } satisfies Reply);
}
