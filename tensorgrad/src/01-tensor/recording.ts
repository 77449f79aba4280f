import { finished, GradientError, markTurn, onTurnEnd } from "../00-runtime/index.ts";
import { callSite } from "./nan-watch.ts";

/**
 * `all` records every operation, also those that need no gradient: what an exporter walks. `values` is `all` where no
 * gradients are wanted: results depend on the inputs there as anywhere else.
 */
type Recording = "gradients" | "off" | "all" | "values";

/** A block that `using` ends. */
interface Block {
  /** What is recorded once it has ended. */
  after: Recording;
  /** Knows the line that opened it. */
  readonly opened: Error;
}

let recording: Recording = "gradients";
/** Open blocks of this turn of the event loop, the innermost last. */
const blocks: Block[] = [];
/** Blocks that were not left before their turn ended: an `await` or `yield` stood in them. */
const outlived = new Set<Block>();
/** Those of generators that nobody will finish. */
const abandoned = new FinalizationRegistry<Block>((block) => outlived.delete(block));

export const isRecording = (): boolean => recording !== "off";
/** Whether somebody wants to see every operation, an exporter for example. */
export const isRecordingAll = (): boolean => recording === "all" || recording === "values";

/** What a wish for gradients, or for none, comes to here: who records everything goes on doing so. */
export function wished(kind: "gradients" | "off"): Recording {
  if (!isRecordingAll()) return kind;
  return kind === "gradients" ? "all" : "values";
}

/** Runs `fn` with another kind of recording. Who records everything goes on doing so. */
export function withRecording<T>(kind: Recording, fn: () => T): T {
  const outer = setRecording(kind === "gradients" || kind === "off" ? wished(kind) : kind);
  const depth = blocks.length;
  try {
    return fn();
  } finally {
    for (const block of blocks.splice(depth)) outlived.add(block);
    recording = outer;
  }
}

/** Changes the kind of recording; returns the one before. For `Function.apply`: a user's code may throw or wait. */
export function setRecording(kind: Recording): Recording {
  const before = recording;
  recording = kind;
  return before;
}

/** Runs `fn` and records every operation in it, whether or not it needs a gradient. */
export const recordAll = <T>(fn: () => T): T => finished("recordAll", withRecording("all", fn));

/**
 * Records nothing for the rest of a block, or until the turn of the event loop ends: while a function awaits, others run that
 * must not lose their graph. To leave the block in a later turn is an error.
 */
export function notRecording(call: string): Disposable {
  markTurn();
  const block = { after: setRecording(wished("off")), opened: new Error(call) };
  blocks.push(block);
  const handle = { [Symbol.dispose]: () => leave(block, call) };
  abandoned.register(handle, block);
  return handle;
}

/** Blocks of generators end in any order: what this one would restore, the one above it does. */
function leave(block: Block, call: string): void {
  const index = blocks.indexOf(block);
  if (index >= 0) {
    if (index === blocks.length - 1) recording = block.after;
    else blocks[index + 1].after = block.after;
    blocks.splice(index, 1);
  } else if (outlived.delete(block)) {
    throw new GradientError(
      `${call}: an await or yield inside the block opened at ${siteOf(block)} — the mode ended there, for other functions run ` +
        `meanwhile and need their graphs; open it again after each await, or call ${call}(() => …) around each synchronous part`,
    );
  }
}

onTurnEnd(() => {
  if (blocks.length === 0) return;
  recording = blocks[0].after;
  for (const block of blocks.splice(0)) outlived.add(block);
});

/** Where the block was opened that keeps, or has kept, others from recording; null if there is none. */
export function blockNotRecording(): string | null {
  const block = blocks.at(-1) ?? [...outlived].at(-1);
  return block ? siteOf(block) : null;
}

const siteOf = ({ opened }: Block): string => callSite(opened.stack ?? "");
