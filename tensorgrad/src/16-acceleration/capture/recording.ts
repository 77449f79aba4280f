import {
  type Activity,
  type Held,
  type KernelCall,
  type Observer,
  type Storage,
  show,
  type Tape,
  type TypedArray,
} from "../../00-runtime/index.ts";
import { callSite, type ObservedOperation, type Tensor } from "../../01-tensor/index.ts";
import { Module } from "../../03-layers/index.ts";
import type { Optimizer } from "../../06-optimizers/index.ts";

/** A block of memory that a step uses. */
export interface Block {
  readonly storage: Storage;
  /** Where it lay then. */
  readonly pointer: number;
  /** `step`: made in it; `constant`: made and filled by JavaScript; `outside`: parameters, states, and whatever else was there before. */
  origin: "step" | "constant" | "outside" | "input";
  /** Of one from outside: how often it had been changed in place when the step first met it. */
  readonly version: number;
  /** Of a constant: what JavaScript wrote. */
  values: TypedArray | null;
  /** Whether a kernel writes to the constant, so that every replay needs it anew. */
  changed: boolean;
}

/** An operand of a kernel: where in which block. */
export interface Place {
  readonly block: Block;
  /** In bytes from the beginning of the block. */
  readonly from: number;
  readonly dtype: Storage["dtype"];
}

/** A tensor as JavaScript holds it. */
export interface Operand {
  readonly tensor: Tensor;
  readonly block: Block;
}

export interface CallEntry {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly (Place | number)[];
  readonly bind: KernelCall["bind"];
}
export interface RunEntry {
  readonly kind: "repeated" | "decided";
  readonly operands: readonly Operand[];
  readonly run: (...operands: Held[]) => unknown;
  readonly result: unknown;
}
export interface GroupEntry {
  readonly kind: "together" | "inOrder";
  readonly name: string;
  readonly entries: Entry[];
}
/** Element-wise kernels in one pass over memory; see fuse.ts. */
export interface ChainEntry {
  readonly kind: "chain";
  readonly members: readonly CallEntry[];
  /** Where stretches begin, in units of the coarsest division of a member. */
  readonly starts: readonly number[];
  /** How many units of its own a member has for one of those. */
  readonly ratios: readonly number[];
  /** Blocks that only the chain uses, and the bytes of a stretch of them. */
  readonly inner: ReadonlyMap<Block, number>;
}
/** What happens in a step, in the order in which it happens. */
export type Entry = CallEntry | RunEntry | GroupEntry | ChainEntry;

/** Writes down what a step does: every call of a kernel, and what JavaScript does between them. */
export class Recording implements Tape, Observer {
  readonly entries: Entry[] = [];
  readonly blocks = new Map<Storage, Block>();
  /** Tensors from outside that gradients may be asked of. */
  readonly leaves = new Set<Tensor>();
  readonly modules = new Set<Module>();
  readonly optimizers = new Map<Optimizer<{ lr: number }>, string>();
  readonly conditions: (() => boolean)[] = [];
  readonly #outer: Observer | null;
  readonly #used = new Set<Block>();
  readonly #open: Entry[][] = [this.entries];
  readonly #operations: string[] = [];

  constructor(outer: Observer | null, inputs: readonly Storage[]) {
    this.#outer = outer;
    for (const storage of inputs) this.#add(storage, "input");
  }

  // ————— memory

  made(storage: Storage): void {
    this.#add(storage, "step");
  }

  #add(storage: Storage, origin: Block["origin"]): Block {
    const { version, block: at } = storage;
    const block: Block = { storage, pointer: at.pointer, origin, version, values: null, changed: false };
    this.blocks.set(storage, block);
    return block;
  }

  /** Of a storage that kernels or JavaScript use. */
  blockOf(storage: Storage): Block {
    return this.blocks.get(storage) ?? this.#add(storage, "outside");
  }

  /** What JavaScript fills before a kernel sees it is a constant of the step. Everything else would have to happen again. */
  touched(storage: Storage, how: string | null): void {
    const block = this.blockOf(storage);
    if (block.origin === "constant") return;
    if (block.origin === "step" && !this.#used.has(block)) block.origin = "constant";
    else if (how !== null)
      throw this.#refusal(
        `${how} takes numbers out of a tensor, and a replay calls kernels alone; return the tensor and read it after the step`,
      );
    else {
      const where = this.#operations.at(-1) ?? "the step";
      throw this.#refusal(
        `${where} works on the elements of a ${storage.dtype} tensor in JavaScript, and a replay calls kernels alone; ` +
          "do this outside of the step and pass the result",
      );
    }
  }

  #use(storage: Storage): Block {
    const block = this.blockOf(storage);
    if (block.origin === "constant" && block.values === null) block.values = contentsOf(storage);
    this.#used.add(block);
    return block;
  }

  // ————— calls

  kernel({ name, args, bind }: KernelCall): void {
    const places = args.map((x): Place | number => {
      if (typeof x === "number") return x;
      return { block: this.#use(x.storage), from: x.pointer - x.storage.pointer, dtype: x.dtype };
    });
    this.#note({ kind: "call", name, args: places, bind });
  }

  open(kind: "together" | "inOrder", name: string): void {
    const entries: Entry[] = [];
    this.#note({ kind, name, entries });
    this.#open.push(entries);
  }

  close(): void {
    this.#open.pop();
  }

  repeated(operands: readonly Held[], run: RunEntry["run"]): void {
    this.#run("repeated", operands, run, undefined);
  }

  decided(operands: readonly Held[], run: RunEntry["run"], result: unknown): void {
    this.#run("decided", operands, run, result);
  }

  #run(kind: RunEntry["kind"], held: readonly Held[], run: RunEntry["run"], result: unknown): void {
    const operands = held.map((x) => ({ tensor: x as Tensor, block: this.#use(x.storage) }));
    this.#note({ kind, operands, run, result });
  }

  #note(entry: Entry): void {
    this.#open.at(-1)?.push(entry);
  }

  assumed(holds: () => boolean): void {
    this.conditions.push(holds);
  }

  refused(what: string): void {
    throw this.#refusal(
      `${what}, and a replay would not; do it outside of the step and pass what comes of it`,
    );
  }

  #refusal(what: string): TypeError {
    return new TypeError(`capture: at ${callSite(new Error().stack ?? "")}, ${what}`);
  }

  // ————— who takes part; what a profiler hears, it hears as well

  begin(activity: Activity, name: string, subject: unknown): void {
    this.#outer?.begin(activity, name, subject);
    if (activity === "module" && subject instanceof Module) this.modules.add(subject);
    else if (activity === "update") this.#noteOptimizer(subject as Optimizer<{ lr: number }>);
    else if (activity === "operation") {
      for (const x of (subject as ObservedOperation).inputs)
        if (x.isLeaf && x.requiresGrad) this.leaves.add(x);
    }
    this.#operations.push(name);
  }

  end(result?: unknown): void {
    this.#operations.pop();
    this.#outer?.end(result);
  }

  /** Settings that the step itself changes would stand still in replays. */
  #noteOptimizer(optimizer: Optimizer<{ lr: number }>): void {
    this.noteSettings(optimizer);
    for (const { params } of optimizer.groups) for (const p of params) this.leaves.add(p);
  }

  noteSettings(optimizer: Optimizer<{ lr: number }>): void {
    const now = JSON.stringify(optimizer.groups.map(({ settings }) => settings));
    const before = this.optimizers.get(optimizer) ?? now;
    if (before !== now)
      throw this.#refusal(
        `the step changes settings of ${optimizer.constructor.name}, and a replay would not: the JavaScript of a step runs only while ` +
          "it is recorded; let a schedule set the rate before the step is called",
      );
    this.optimizers.set(optimizer, now);
  }
}

const contentsOf = (storage: Storage): TypedArray => storage.view.slice();

/** For messages. */
export const shown = (x: Tensor): string => `${x.dtype} ${show(x.shape)}`;
