import { finished, GradientError, markTurn, onTurnEnd } from "../00-runtime/index.ts";
import { callSite, isWatching } from "./nan-watch.ts";

/**
 * `all` records every operation, also those that need no gradient: what an exporter walks. `values` is `all` where no
 * gradients are wanted: results depend on the inputs there as anywhere else.
 */
type Recording = "gradients" | "off" | "all" | "values";

/** A block that `using` ends. */
class Block implements Disposable {
  /** What is recorded once it has ended. */
  after: Recording;
  /** It was not left before its turn ended: an `await` or `yield` stands in it. */
  outlived = false;
  readonly call: string;
  /** Knows the line that opened it. To note that costs ten times as much as the rest: for those who look for a fault. */
  readonly opened = isWatching() ? new Error() : null;

  constructor(call: string, after: Recording) {
    [this.call, this.after] = [call, after];
  }

  [Symbol.dispose](): void {
    leave(this);
  }
}

let recording: Recording = "gradients";
/** Open blocks of this turn of the event loop, the innermost last. */
const blocks: Block[] = [];
/** The last one that outlived its turn, unless it was collected with the generator that nobody will finish. */
let outlived: WeakRef<Block> | null = null;

/** Whether operations are recorded now, so that `backward` can follow them. */
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
    if (blocks.length > depth) abandon(depth);
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
  const block = new Block(call, setRecording(wished("off")));
  blocks.push(block);
  return block;
}

/** Blocks of generators end in any order: what this one would restore, the one above it does. */
function leave(block: Block): void {
  const index = blocks.lastIndexOf(block);
  if (index >= 0) {
    if (index === blocks.length - 1) recording = block.after;
    else blocks[index + 1].after = block.after;
    blocks.splice(index, 1);
  } else if (block.outlived) {
    block.outlived = false;
    throw new GradientError(
      `${block.call}: an await or yield inside the block that ends at ${callSite(new Error().stack ?? "")} — the mode ended at that ` +
        `await, for other functions run meanwhile and need their graphs; open it again after each await, or call ${block.call}(() => …) ` +
        "around each synchronous part",
    );
  }
}

/** Ends the blocks from number `depth` on: nobody has, and the code around them goes on. */
function abandon(depth: number): void {
  for (const block of blocks.splice(depth)) {
    block.outlived = true;
    outlived = new WeakRef(block);
  }
}

onTurnEnd(() => {
  if (blocks.length === 0) return;
  recording = blocks[0].after;
  abandon(0);
});

/** What an error says of the block that keeps, or has kept, others from recording; empty if there is none. */
export function blockNotRecording(): string {
  const last = outlived?.deref();
  const block = blocks.at(-1) ?? (last?.outlived ? last : null);
  if (!block) return "";
  if (!block.opened) return `, which is open here (detectAnomaly notes the line)`;
  return `, open since ${callSite(block.opened.stack ?? "")}`;
}
