import { createInterface } from "node:readline";
import { Bench } from "tinybench";
import type { Work } from "./cases.ts";
import type { Reply, Request } from "./process.ts";

/** A piece of work, ready to run. */
export interface Workload {
  /** Makes `repeat` calls. */
  run(): void | Promise<void>;
  dispose?(): void;
}

/** Makes the work ready, or says with null that this contender has no such thing. */
export type Prepare = (work: Work, repeat: number) => Workload | null | Promise<Workload | null>;

const write = (reply: Reply): void => {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
};

/** For a contender that cannot take part here: tells why and ends the process. */
export function absent(reason: string): never {
  write({ absent: reason });
  process.exit(0);
}

/** Serves rounds, one line of JSON each, until the input ends. The last workload stays ready for the next round. */
export async function serve(description: string, prepare: Prepare): Promise<void> {
  write({ ready: description });
  let current: { readonly key: string; readonly workload: Workload | null } = { key: "", workload: null };
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, work, repeat, milliseconds } = JSON.parse(line) as Request;
    const key = JSON.stringify([work, repeat]);
    try {
      if (key !== current.key) {
        current.workload?.dispose?.();
        current = { key, workload: null };
        current = { key, workload: await prepare(work, repeat) };
        await warmUp(current.workload);
      }
      const seconds = current.workload ? await round(current.workload, milliseconds) : null;
      write({ id, seconds: seconds === null ? null : seconds / repeat });
    } catch (error) {
      write({ id, seconds: null, failure: String(error).split("\n")[0] });
    }
  }
  process.exit(0);
}

/**
 * Until the compilers of the runtime have settled: many calls of short work, one of long work. V8 compiles a kernel, or the
 * JavaScript around it, anew after hundreds of calls, and does so beside the program: a network that looks at one image takes
 * three times as long at first, and twice as long until about call 1,500.
 */
async function warmUp(workload: Workload | null): Promise<void> {
  const start = performance.now();
  const most = (calls: number): number => (calls < 100 ? 150 : 1000);
  for (let calls = 0; workload && calls < 2500 && performance.now() - start < most(calls); calls++)
    await workload.run();
}

/**
 * The median seconds of one sample. The first sample of a round finds cold caches and does not count, unless it
 * alone takes longer than the round: then the caches are a small part of it.
 */
async function round(workload: Workload, milliseconds: number): Promise<number> {
  const start = performance.now();
  const first = workload.run();
  const asynchronous = first instanceof Promise;
  if (asynchronous) await first;
  const elapsed = performance.now() - start;
  if (elapsed > milliseconds) return elapsed / 1000;
  const bench = new Bench({ time: milliseconds, iterations: 1, warmup: false, throws: true });
  bench.add("round", () => workload.run(), { async: asynchronous });
  if (asynchronous) await bench.run();
  else bench.runSync();
  const [task] = bench.tasks;
  if (task.result.state !== "completed") throw new Error(`the round ended as ${task.result.state}`);
  return task.result.latency.p50 / 1000;
}
