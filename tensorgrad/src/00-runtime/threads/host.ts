import { runThread, slots, type ThreadStart } from "./worker.ts";

/** A function of a native library, as a worker makes it: `open` is a program, and `data` what it is given beside koffi. */
export interface Foreign {
  /** Where the module koffi is. */
  readonly koffi: string;
  /** The text of a function (koffi, data) → callable, which uses nothing from outside. */
  readonly open: string;
  readonly data: unknown;
}

/** A worker of Node or of a browser. */
export interface Host {
  /** False once it has ended for certain, that is, will never write to memory again; true where nobody can tell. */
  alive(): boolean;
  /** Tells it of a function that it will need; it listens as soon as it needs it. */
  tell(foreign: Foreign): void;
  end(): void;
}

/** Why a worker could not be started, or ended by itself. */
export type OnEnd = (reason: string) => void;

/** Starts threads, or null where this runtime has none that share memory. */
export function threadStarter(): ((start: ThreadStart, onEnd: OnEnd) => Host) | null {
  const builtin = typeof process === "undefined" ? undefined : process.getBuiltinModule;
  if (builtin) return startInNode;
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  return isolated && typeof Worker === "function" && typeof Blob === "function" ? startInBrowser : null;
}

/**
 * The thread itself needs nothing of this one to get going: its program is a text, and it loads no module through this
 * thread's loader. So it starts even while this one computes or waits.
 */
const nodeSource = `
  const { receiveMessageOnPort, workerData } = require("node:worker_threads");
  const { start, port } = workerData;
  const { control, slots, index } = start;
  control[slots.workers + 16 * index + slots.file] = require("node:fs").openSync(require("node:os").devNull);
  (${runThread})(start, () => {
    const { koffi, open, data } = receiveMessageOnPort(port).message;
    return (0, eval)("(" + open + ")")(require(koffi), data);
  });`;

function startInNode(start: ThreadStart, onEnd: OnEnd): Host {
  const { Worker: Thread, MessageChannel: Channel } = process.getBuiltinModule("node:worker_threads");
  const { fstatSync } = process.getBuiltinModule("node:fs");
  // No flags and no environment of the parent: a loader given there would be loaded by every thread.
  // A port of its own: Deno reads none of a thread's built-in one without a turn of the event loop.
  const { port1: ours, port2: port } = new Channel();
  const workerData = { start, port };
  const worker = new Thread(nodeSource, {
    eval: true,
    workerData,
    transferList: [port],
    execArgv: [],
    env: {},
  });
  worker.unref();
  ours.unref();
  let ended = false;
  worker.on("error", (error) => onEnd(String(error)));
  worker.on("exit", (code) => {
    ended = true;
    onEnd(`exit code ${code}`);
  });
  // While this thread waits no event reaches it, so the end of a worker must show otherwise: Node then closes its files.
  // Deno numbers files thread by thread, so that this one cannot look at another's: nobody can tell.
  const blind = "Deno" in globalThis;
  const file = slots.workers + 16 * start.index + slots.file;
  const isOpen = () => {
    if (blind || start.control[file] === 0) return true; // or still starting
    try {
      return fstatSync(start.control[file]).isCharacterDevice() || process.platform === "win32";
    } catch {
      return false;
    }
  };
  return {
    alive: () => !ended && isOpen(),
    tell: (foreign) => ours.postMessage(foreign),
    end: () => {
      ours.close();
      void worker.terminate();
    },
  };
}

let browserSource: string | null = null;

function startInBrowser(start: ThreadStart, onEnd: OnEnd): Host {
  const text = `onmessage = ({ data }) => (${runThread})(data, null);`;
  browserSource ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(browserSource);
  worker.onerror = (event) => onEnd(event.message || "it could not be started");
  worker.postMessage(start);
  return { alive: () => true, tell: () => {}, end: () => worker.terminate() };
}
