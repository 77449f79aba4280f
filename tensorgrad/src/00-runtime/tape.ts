import type { KernelCall } from "./kernels.ts";
import type { Storage } from "./memory/storage.ts";

/**
 * The one place where a recorder listens that will make the same calls again (module 16, `capture`). While nobody records, each
 * place costs one comparison with null.
 *
 * Kernels are recorded by themselves, in the launcher. What JavaScript does between them with the numbers of a tensor is seen,
 * too, and refused; unless it stands in `repeated` or `decided`, which replays run again.
 */
export interface Tape {
  /** A block of memory was made. */
  made(storage: Storage): void;
  /** JavaScript asks for the elements of a block, to read or to write them. `how` names the call, where it has a name. */
  touched(storage: Storage, how: string | null): void;
  /** A kernel is about to be called. */
  kernel(call: KernelCall): void;
  /** Until `close`, calls stand in `together` or `inOrder`. */
  open(kind: "together" | "inOrder", name: string): void;
  /** The last call of the step was recorded. */
  close(): void;
  /** `run` is to be called at each replay, on the operands of that replay. */
  repeated(operands: readonly Held[], run: (...operands: Held[]) => unknown): void;
  /** `look` read these operands and its result decided what ran: a replay holds only while it is the same. */
  decided(operands: readonly Held[], look: (...operands: Held[]) => unknown, result: unknown): void;
  /** A condition that outlasts the step: where it no longer holds, the step must be recorded again. */
  assumed(holds: () => boolean): void;
  /** Something that no replay can do: throws. */
  refused(what: string): void;
}

/** What a tape needs to know of a tensor. */
export interface Held {
  readonly storage: Storage;
}

/** Who records. */
export let tape: Tape | null = null;

/** Puts another recorder in its place, or none; returns the one before. */
export function listenToKernels(next: Tape | null): Tape | null {
  const before = tape;
  tape = next;
  return before;
}

/** Runs `fn` unseen. */
export function unrecorded<T>(fn: () => T): T {
  const by = tape;
  if (by === null) return fn();
  tape = null;
  try {
    return fn();
  } finally {
    tape = by;
  }
}

/**
 * Runs `run` on its operands now, and again in every replay of a recorded step: for JavaScript that works on the numbers of
 * tensors, or that must not stand still (a counter, a generator). It may write to the operands and makes nothing else that
 * lasts. Its result is that of the present run.
 */
export function repeated<T extends Held, R>(operands: readonly T[], run: (...operands: T[]) => R): R {
  if (tape === null) return run(...operands);
  tape.repeated(operands, run as (...operands: Held[]) => unknown);
  return unrecorded(() => run(...operands));
}

/**
 * The same for a look at numbers that decides: about an error, or which way the step goes. Where a replay finds another result
 * (a primitive), the step is recorded again.
 */
export function decided<T extends Held, R>(operands: readonly T[], look: (...operands: T[]) => R): R {
  if (tape === null) return look(...operands);
  const result = unrecorded(() => look(...operands));
  tape?.decided(operands, look as (...operands: Held[]) => unknown, result);
  return result;
}
