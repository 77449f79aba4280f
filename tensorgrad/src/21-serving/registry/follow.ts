import { can, checked, expectArgument } from "../../00-runtime/index.ts";
import type { Registry, StoredModel } from "./registry.ts";

/** Options of `follow` and `followRegistry`. */
export interface FollowOptions {
  /** How often the pointer is looked at, in ms. */
  readonly every?: number;
  /** Told what went wrong with a promotion; what was served before goes on. */
  readonly onError?: (error: Error) => void;
}

/** What looks at a registry until it is closed. */
export interface Following {
  /** The version that was put in place last; null before the first. */
  readonly version: string | null;
  /** Looks at once; resolves when what it found is in place. */
  check(): Promise<void>;
  /** Stops looking; resolves when nothing is being put in place any more. */
  close(): Promise<void>;
}

/**
 * Puts every version in place that becomes current, the present one first: `place` loads it beside the running one and
 * changes over when it is ready, so that no request waits for it or is lost.
 *
 *   const following = await follow(registry, "digits", async (stored) => {
 *     await slot.swap(await load(stored));
 *   });
 *
 * A promotion that cannot be read or placed is reported once, and the running version goes on. The pointer is polled: the
 * events of file systems are not to be had everywhere.
 *
 * Throws    what the first reading or placing throws
 */
export async function follow(
  registry: Registry,
  model: string,
  place: (stored: StoredModel) => Promise<void>,
  options: FollowOptions = {},
): Promise<Following> {
  const { every = 250, onError = () => {} } = checked("follow", options, ["every", "onError"]);
  expectArgument(can(registry, "history"), "follow", "registry", registry, "a Registry");
  expectArgument(typeof place === "function", "follow", "place", place, "a function of a stored model");
  let [placed, seen]: (string | null)[] = [null, null];
  async function look(): Promise<void> {
    const pointer = registry.history(model);
    const mark = pointer && `${pointer.version} ${pointer.since}`;
    if (mark === seen) return;
    seen = mark; // also of one that fails: it is reported once
    if (!pointer || pointer.version === placed) return;
    const stored = await registry.read(model, pointer.version);
    await place(stored);
    placed = stored.version;
  }
  await look();
  let last: Promise<void> = Promise.resolve();
  let complaint = "";
  const check = (): Promise<void> => {
    last = last.then(look).then(
      () => {
        complaint = "";
      },
      (error: Error) => {
        if (error.message !== complaint) onError(error);
        complaint = error.message;
      },
    );
    return last;
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void check().finally(() => {
      busy = false;
    });
  }, every);
  timer.unref();
  return {
    get version() {
      return placed;
    },
    check,
    close: () => {
      clearInterval(timer);
      return last;
    },
  };
}
