import { decided, show, tape } from "../00-runtime/index.ts";
import { isRecordingAll } from "./recording.ts";
import type { Strided } from "./strided.ts";

/** Is told of every number that is taken out of a tensor, and how: "item()", "data", "toArray()". */
type Observer = (x: Strided, read: string) => void;

let observer: Observer | null = null;

/** An operation reads its inputs as a matter of course: nothing is recorded while it runs. */
export function noteRead(x: Strided, read: string): void {
  if (observer !== null && isRecordingAll()) observer(x, read);
  if (tape !== null) tape.touched(x.storage, `${read} of ${x.dtype} ${show(x.shape)}`);
}

/** Runs `fn`; `see` is told what it reads while every operation is recorded. */
export const observingReads = <T>(see: Observer, fn: () => T): T => withObserver(see, fn);

/**
 * For checks of arguments that stand outside of an operation: what they read decides about an error, about no result. A
 * captured step makes them again in every replay.
 */
export const checking = <X extends Strided, R>(tensors: readonly X[], check: (...tensors: X[]) => R): R =>
  decided(tensors, (...given: X[]) =>
    observer === null ? check(...given) : withObserver(null, () => check(...given)),
  );

/** For other reads that decide about no result that an exporter would bake in. A captured step refuses them. */
export const unobserved = <T>(fn: () => T): T => (observer === null ? fn() : withObserver(null, fn));

function withObserver<T>(inner: Observer | null, fn: () => T): T {
  const outer = observer;
  observer = inner;
  try {
    return fn();
  } finally {
    observer = outer;
  }
}
