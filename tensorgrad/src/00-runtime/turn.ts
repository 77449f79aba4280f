/**
 * The end of the synchronous stretch of code that runs now: a function that awaits has gone to sleep, and other functions come.
 *
 * JavaScript does not tell who they are. So what holds "for the rest of a block" must not reach them: those who keep such a
 * state listen here and put it away.
 */
const listeners: (() => void)[] = [];
let marked = false;

/** Calls `listener` after each turn for which `markTurn` asked. */
export const onTurnEnd = (listener: () => void): void => void listeners.push(listener);

/** Asks for one call of the listeners after this turn: a microtask, so before anything that is awaited from now on. */
export function markTurn(): void {
  if (marked) return;
  marked = true;
  queueMicrotask(endTurn);
}

function endTurn(): void {
  marked = false;
  for (const listener of listeners) listener();
}

/** What a function returned, unless its body is still to run: a promise, or a generator. */
export function finished<T>(call: string, result: T): T {
  const what = unfinished(result);
  return what === null ? result : refuse(call, what, result);
}

function refuse(call: string, what: "promise" | "generator", result: unknown): never {
  if (what === "promise") Promise.resolve(result).catch(() => {}); // the refusal is the error to see
  throw new TypeError(
    `${call}: the function returned a ${what} — the mode ends when the function returns, and the rest of its body would run ` +
      `without it; call ${call}(() => …) around each synchronous part`,
  );
}

function unfinished(result: unknown): "promise" | "generator" | null {
  if (typeof result !== "object" || result === null) return null;
  const { then, next } = result as { readonly then?: unknown; readonly next?: unknown };
  if (typeof then === "function") return "promise";
  if (typeof next !== "function") return null;
  return Symbol.iterator in result || Symbol.asyncIterator in result ? "generator" : null;
}
