import { threadId } from "node:worker_threads";
import { tensor } from "tensorgrad";
import type { Dataset, Recipe, Sample } from "tensorgrad/data";

const clock = (): number => performance.timeOrigin + performance.now();

/** Waits without computing, as for a disk, a network or another processor. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** What a thread did from when to when, in milliseconds. */
export interface Span {
  readonly thread: number;
  readonly begin: number;
  readonly end: number;
}

/** Does `work` and says when and where. */
export function spanOf(work: () => void): Span {
  const begin = clock();
  work();
  return { thread: threadId, begin, end: clock() };
}

/** Examples that take `ms` to arrive from storage far away. What arrives is the report of its own loading. */
export class SlowStorage implements Dataset {
  readonly length: number;
  readonly ms: number;

  constructor(length: number, ms: number) {
    [this.length, this.ms] = [length, ms];
  }

  get(i: number): Sample {
    const { thread, begin, end } = spanOf(() => pause(this.ms));
    return { x: tensor([thread, begin, end], { dtype: "float64" }), y: i };
  }

  recipe(): Recipe {
    return { module: import.meta.url, export: "SlowStorage", arguments: [this.length, this.ms] };
  }
}
