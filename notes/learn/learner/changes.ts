import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type FSWatcher, watch } from "chokidar";

/** Network drives and containers may send no events; what asks the disk instead notices a change within this many milliseconds. */
const interval = 300;
/** How long a file system may take to report the first change. */
const patience = 2000;

export interface Changes {
  /** Whether the disk is asked, because it sends no events. */
  readonly isPolling: boolean;
  close(): Promise<void>;
}

/**
 * Calls `changed` after files of a folder were saved, once for those saved together. It tries whether the file system sends events: if none
 * comes within two seconds, it asks the disk.
 */
export async function watchChanges(
  folder: string,
  changed: (files: readonly string[]) => void,
  make: typeof watch = watch,
): Promise<Changes> {
  const sendsEvents = await tryEvents(join(folder, ".learn/watch"), make);
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const watcher = make(folder, {
    ignored: (path) =>
      /[\\/]\.learn([\\/]|$)|\.draft$|~$/.test(relative(folder, path) ? `/${relative(folder, path)}` : ""),
    ignoreInitial: true,
    usePolling: !sendsEvents,
    interval,
  });
  watcher.on("all", (_, path) => {
    waiting.add(relative(folder, path).replaceAll("\\", "/"));
    timer ??= setTimeout(() => {
      timer = null;
      const files = [...waiting];
      waiting.clear();
      changed(files);
    }, 30); // an editor's save is several events
  });
  await ready(watcher);
  return {
    isPolling: !sendsEvents,
    close: async () => {
      if (timer) clearTimeout(timer);
      await watcher.close();
    },
  };
}

const ready = (watcher: FSWatcher): Promise<void> =>
  new Promise((resolve) => watcher.once("ready", () => resolve()));

async function tryEvents(folder: string, make: typeof watch): Promise<boolean> {
  mkdirSync(folder, { recursive: true });
  const watcher = make(folder, { ignoreInitial: true, usePolling: false });
  await ready(watcher);
  const event = new Promise<boolean>((resolve) => {
    watcher.once("all", () => resolve(true));
    setTimeout(() => resolve(false), patience).unref();
  });
  writeFileSync(join(folder, "probe"), String(Date.now()));
  const came = await event;
  await watcher.close();
  return came;
}
