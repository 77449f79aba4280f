import { isRecordingAll } from "./recording.ts";
import type { Strided } from "./strided.ts";

/** Is told of every number that is taken out of a tensor, and how: "item()", "data", "toArray()". */
type Observer = (x: Strided, read: string) => void;

let observer: Observer | null = null;

/** An operation reads its inputs as a matter of course: nothing is recorded while it runs. */
export function noteRead(x: Strided, read: string): void {
  if (observer !== null && isRecordingAll()) observer(x, read);
}

/** Runs `fn`; `see` is told what it reads while every operation is recorded. */
export const observingReads = <T>(see: Observer, fn: () => T): T => withObserver(see, fn);

/** For checks of arguments that stand outside of an operation: what they read decides about an error, about no result. */
export const unobserved = <T>(check: () => T): T => (observer === null ? check() : withObserver(null, check));

function withObserver<T>(inner: Observer | null, fn: () => T): T {
  const outer = observer;
  observer = inner;
  try {
    return fn();
  } finally {
    observer = outer;
  }
}
