import type { DType, TypedArray } from "../../00-runtime/index.ts";

/** What a worker needs to make a batch: the same as the loader's own thread needs. */
export interface Task {
  readonly batch: number;
  readonly indices: Int32Array;
  /** From which the generators of the examples derive, and the place of the first of them in the pass. */
  readonly seed: number | null;
  readonly first: number;
  /** How many passes came before. */
  readonly pass: number;
}

/** A tensor on its way between threads: its numbers have memory of their own, which changes hands. */
export interface Parcel {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export interface ParcelBatch {
  readonly x: Parcel;
  readonly y: Parcel;
}

/** An error on its way: structured clone would lose the names of classes it does not know. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The example that failed, or null if no single one did. */
  readonly example: number | null;
}

/** To the worker: a task, with memory that it may use again for the answer. */
export interface Request {
  readonly id: number;
  readonly task: Task;
  readonly spare: readonly ArrayBuffer[];
}

/** From the worker; id −1 if it could not make the data set at all. */
export interface Reply {
  readonly id: number;
  readonly made?: ParcelBatch;
  readonly failure?: Failure;
}
