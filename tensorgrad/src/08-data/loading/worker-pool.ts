import type { MessagePort, Worker } from "node:worker_threads";
import type { Dataset } from "../dataset.ts";
import { pack } from "./recipe.ts";
import { tsxBeside } from "./tsx.ts";
import type { Failure, ParcelBatch, Reply, Request, Task } from "./worker-messages.ts";

interface Waiting {
  readonly task: Task;
  readonly resolve: (made: ParcelBatch) => void;
  readonly reject: (error: Error) => void;
}

/** Node's modules without an import, which a browser's bundle could not follow. */
const node = (): NodeJS.Process["getBuiltinModule"] | undefined => globalThis.process?.getBuiltinModule;

/** Throws  Error where there are no worker threads, TypeError if the data set cannot be made in one */
export function checkWorkers(dataset: Dataset, workers: number): void {
  if (!node()) {
    throw new Error(
      `DataLoader: workers ${workers} — worker threads need Node; in a browser load with workers: 0`,
    );
  }
  pack(dataset, `the data set ${dataset.constructor.name}`);
}

/**
 * Worker threads that make batches of one data set. They start once, serve every pass, and never keep the process
 * alive unless a batch is being waited for.
 */
export class WorkerPool {
  readonly #threads: Thread[];

  constructor(dataset: Dataset, workers: number) {
    const recipe = pack(dataset, `the data set ${dataset.constructor.name}`);
    this.#threads = Array.from({ length: workers }, (_, i) => new Thread(i, recipe));
  }

  /** Whether every thread can still work. */
  get alive(): boolean {
    return this.#threads.every((thread) => thread.alive);
  }

  /** Gives a task to the thread with the least to do. */
  make(task: Task, spare: readonly ArrayBuffer[]): Promise<ParcelBatch> {
    const thread = this.#threads.reduce((least, other) => (other.load < least.load ? other : least));
    return thread.make(task, spare);
  }

  /** Waits for what a thread makes; meanwhile, and only then, the process stays alive. */
  async wait<T>(made: Promise<T>): Promise<T> {
    for (const thread of this.#threads) thread.hold();
    try {
      for (const thread of this.#threads) thread.receive();
      return await made;
    } finally {
      for (const thread of this.#threads) thread.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class Thread {
  readonly #number: number;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #holders = 0;
  #end: Error | null = null;

  constructor(number: number, recipe: unknown) {
    this.#number = number;
    const { MessageChannel } = process.getBuiltinModule("node:worker_threads");
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on("message", (reply: Reply) => this.#settle(reply));
    port1.unref();
    this.#worker = startWorker({ port: port2, recipe });
    this.#worker.unref();
    this.#worker.on("error", (error) =>
      this.#die(this.#lost(`died of ${error.name}: ${error.message}`, error)),
    );
    this.#worker.on("exit", (code) => this.#die(this.#lost(`ended with exit code ${code}`)));
  }

  get alive(): boolean {
    return this.#end === null;
  }

  get load(): number {
    return this.#waiting.size;
  }

  make(task: Task, spare: readonly ArrayBuffer[]): Promise<ParcelBatch> {
    const id = this.#next++;
    const made = new Promise<ParcelBatch>((resolve, reject) => {
      if (this.#end) reject(this.#end);
      else this.#waiting.set(id, { task, resolve, reject });
    });
    made.catch(() => {}); // whoever asked may have stopped listening
    if (!this.#end) this.#port.postMessage({ id, task, spare } satisfies Request, [...spare]);
    return made;
  }

  hold(): void {
    if (this.#holders++ > 0) return;
    this.#port.ref();
    this.#worker.ref(); // its end must be noticed, too
  }

  release(): void {
    if (--this.#holders > 0) return;
    this.#port.unref();
    this.#worker.unref();
  }

  /** Takes what has arrived already, without a turn of the event loop. */
  receive(): void {
    const { receiveMessageOnPort } = process.getBuiltinModule("node:worker_threads");
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      this.#settle(next.message);
    }
  }

  async close(): Promise<void> {
    this.#die(new Error("DataLoader: the loader was closed while a worker made a batch"));
    await this.#worker.terminate();
  }

  #settle({ id, made, failure }: Reply): void {
    if (id < 0 && failure) {
      this.#die(rebuilt(`DataLoader: worker ${this.#number} cannot make the data set`, failure));
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (made) waiting?.resolve(made);
    if (failure) waiting?.reject(rebuilt(this.#where(failure, waiting.task), failure));
  }

  #where({ example }: Failure, { batch, indices }: Task): string {
    const what = example === null ? `examples ${listed(indices)}` : `example ${example}`;
    return `DataLoader: ${what} (batch ${batch}, worker ${this.#number})`;
  }

  #lost(how: string, cause?: Error): Error {
    const batches = Array.from(this.#waiting.values(), ({ task }) => task);
    const doing = batches.length
      ? `while it made batch ${batches[0].batch}, examples ${listed(batches[0].indices)}`
      : "while it had nothing to do";
    const message = `DataLoader: worker ${this.#number} ${how} ${doing} — load with workers: 0 to see where`;
    return new Error(message, cause ? { cause } : {});
  }

  #die(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
    this.#port.close();
  }
}

/** An error of a worker: where it happened, and beneath it the original. */
function rebuilt(where: string, { name, message, stack, example }: Failure): Error {
  const cause = new Error(message);
  cause.name = name;
  if (stack !== undefined) cause.stack = stack;
  const error = new Error(`${where}: ${name === "Error" ? "" : `${name}: `}${message}`, { cause });
  return example === null ? error : Object.assign(error, { example });
}

const listed = (indices: Int32Array): string =>
  indices.length > 8 ? `${indices.slice(0, 8).join(", ")}, …` : indices.join(", ");

/** Threads of the computation would be in each other's way: a loader's worker computes alone. */
const alone = { TENSORGRAD_THREADS: "1", TENSORGRAD_BLAS: "off" };

function startWorker(data: { readonly port: MessagePort; readonly recipe: unknown }): Worker {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const options = { workerData: data, transferList: [data.port], env: { ...process.env, ...alone } };
  const here = import.meta.url;
  if (!here.endsWith(".ts")) return new Worker(new URL("./worker.js", here), options);
  // From TypeScript sources: threads know no loader of their own on Node 20, so they register one first.
  const source = `import(${JSON.stringify(tsxBeside(here))}).then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL("./worker.ts", here).href)});
  })`;
  return new Worker(source, { ...options, eval: true });
}

/**
 * The batches of `tasks`, in their order, up to `limit` of them made ahead. One that was yielded must have been copied
 * when the next one is asked for: its memory goes back to the workers.
 */
export async function* madeAhead(
  pool: WorkerPool,
  tasks: Iterator<Task>,
  limit: number,
): AsyncGenerator<ParcelBatch, void, undefined> {
  const ahead: Promise<ParcelBatch>[] = [];
  let spare: ArrayBuffer[] = [];
  const fill = (): void => {
    while (ahead.length < limit) {
      const next = tasks.next();
      if (next.done) return;
      ahead.push(pool.make(next.value, spare));
      spare = [];
    }
  };
  fill();
  for (let next = ahead.shift(); next; next = ahead.shift()) {
    fill();
    const made = await pool.wait(next);
    yield made;
    spare = [made.x.data.buffer as ArrayBuffer, made.y.data.buffer as ArrayBuffer];
  }
}
