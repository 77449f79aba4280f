/**
 * The one place where a profiler listens. While nobody does, each activity costs one comparison with null.
 *
 * A kernel's subject is the list of its arguments; an operation's, its Function with the inputs; a rule's, the Function that it
 * differentiates; an update's, the optimizer; a module's, the module.
 */
export type Activity = "kernel" | "operation" | "backward" | "update" | "module";

/** Is told of every activity; they nest. */
export interface Observer {
  /** An activity starts; activities nest. */
  begin(activity: Activity, name: string, subject: unknown): void;
  /** Ends the innermost activity. `result` is what it made; undefined if it threw or makes nothing. */
  end(result?: unknown): void;
}

/** Who listens. */
export let observer: Observer | null = null;

/** Puts another listener in its place, or none; returns the one before. */
export function listen(next: Observer | null): Observer | null {
  const before = observer;
  observer = next;
  return before;
}

/** Runs an activity, and tells whoever listens. */
export function observed<T>(activity: Activity, name: string, subject: unknown, run: () => T): T {
  const by = observer;
  if (by === null) return run();
  by.begin(activity, name, subject);
  let result: T | undefined;
  try {
    result = run();
    return result;
  } finally {
    by.end(result);
  }
}

/** The same for the rest of a block: `using _ = observing(…)`. Null where nobody listens. */
export function observing(activity: Activity, name: string, subject: unknown): Disposable | null {
  const by = observer;
  if (by === null) return null;
  by.begin(activity, name, subject);
  return { [Symbol.dispose]: () => by.end() };
}
