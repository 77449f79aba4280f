import { type Activity, heap, type Observer } from "../00-runtime/index.ts";
import { type Function, isTensor, type ObservedOperation } from "../01-tensor/index.ts";
import { type CallWatch, type Layer, layersOf, Module } from "../03-layers/index.ts";
import { type Cost, costOfKernel, costOfOperation, costOfRule, largerOf, NO_COST, sumOf } from "./costs.ts";

/** `other`: kernels outside of all operations, such as those that clip gradients. */
export type Phase = "forward" | "backward" | "update" | "other";

/** One operation in one layer and phase, over all its calls. */
export interface ProfileRow extends Cost {
  readonly phase: Phase;
  /** The path of the module that called it, the class for the model itself; empty outside of all modules. */
  readonly path: string;
  readonly operation: string;
  readonly calls: number;
  readonly ms: number;
  /** The most bytes seen on the heap during a call. */
  readonly peakBytes: number;
}

/** A frame of the flame graph. */
export interface FlameNode {
  readonly name: string;
  ms: number;
  calls: number;
  readonly children: Map<string, FlameNode>;
}

/** A span for the trace. Times in ms since the beginning. */
export interface TraceEvent {
  readonly activity: Activity;
  readonly name: string;
  readonly path: string;
  readonly start: number;
  readonly ms: number;
  readonly flops: number;
  /** On the heap at its end. */
  readonly live: number;
}

/** An activity that has begun. */
interface Open {
  readonly activity: Activity;
  readonly name: string;
  readonly path: string;
  readonly subject: unknown;
  readonly start: number;
  /** The recorder's own time until then. */
  readonly ownBefore: number;
  /** The one around it that is no module. */
  readonly parent: Open | null;
  readonly phase: Phase;
  readonly node: FlameNode | null;
  nested: Cost;
  peak: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const PHASES: Readonly<Record<Exclude<Activity, "module">, Phase>> = {
  operation: "forward",
  backward: "backward",
  update: "update",
  kernel: "other",
};

export const newNode = (name: string): FlameNode => ({ name, ms: 0, calls: 0, children: new Map() });

/** Adds up what the runtime tells. The time of its own work is part of nothing: of no activity, and not of the whole. */
export class Recorder implements Observer {
  readonly rows = new Map<string, Mutable<ProfileRow>>();
  readonly root = newNode("all");
  readonly events: TraceEvent[] = [];
  /** Spans that were not kept, for there were more than `maxEvents`. */
  dropped = 0;
  peak = heap.live;
  readonly started: number = performance.now();
  /** The time of the recorder's own work, in ms: a microsecond for each activity, which is as long as a small operation. */
  ownMs = 0;
  /** When the first activity began, and the last one ended, on a clock that stands still while the recorder works. */
  first = Infinity;
  last = -Infinity;
  readonly #maxEvents: number;
  readonly #watch: CallWatch;
  readonly #open: Open[] = [];
  #inner: Open | null = null;
  readonly #layers: string[] = [];
  readonly #paths = new WeakMap<object, string>();
  #models = 0;
  /** Where an operation was called, and what it cost: its rule comes later. */
  readonly #made = new WeakMap<Function, { readonly path: string; readonly cost: Cost }>();

  constructor(watch: CallWatch, maxEvents: number) {
    [this.#watch, this.#maxEvents] = [watch, maxEvents];
  }

  begin(activity: Activity, name: string, subject: unknown): void {
    const entered = performance.now();
    if (activity === "module") this.#enter(subject as Layer | Module);
    const parent = this.#inner;
    const path = activity === "backward" ? this.#pathOfRule(subject) : (this.#layers.at(-1) ?? "");
    const phase = parent?.phase ?? (activity === "module" ? "other" : PHASES[activity]);
    const node = activity === "module" ? null : this.#nodeOf(parent, phase, path, name);
    const live = heap.live;
    if (live > this.peak) this.peak = live;
    const nested = activity === "kernel" ? this.#costOfKernel(name, subject as unknown[], parent) : NO_COST;
    const start = performance.now();
    this.ownMs += start - entered;
    const ownBefore = this.ownMs;
    const one: Open = {
      activity,
      name,
      path,
      subject,
      start,
      ownBefore,
      parent,
      phase,
      node,
      nested,
      peak: live,
    };
    this.#open.push(one);
    this.first = Math.min(this.first, start - this.ownMs);
    if (node) this.#inner = one;
  }

  end(result?: unknown): void {
    const now = performance.now();
    this.last = now - this.ownMs;
    const one = this.#open.pop();
    if (one) this.#ended(one, now - one.start, result); // else it had begun before the profile
    this.ownMs += performance.now() - now;
  }

  /** `span` is what a clock on the wall says: in the trace, activities lie inside each other. */
  #ended(one: Open, span: number, result: unknown): void {
    const ms = span - (this.ownMs - one.ownBefore);
    const live = heap.live;
    one.peak = Math.max(one.peak, live);
    if (live > this.peak) this.peak = live;
    if (one.node === null) this.#layers.pop();
    const cost = one.node === null ? NO_COST : this.#costOf(one, result);
    this.#keep({
      activity: one.activity,
      name: one.name,
      path: one.path,
      start: one.start - this.started,
      ms: span,
      flops: cost.flops,
      live,
    });
    if (one.node === null) return;
    one.node.ms += ms;
    one.node.calls++;
    this.#inner = one.parent;
    if (one.parent) this.#pass(one, one.parent, cost);
    else this.#add(one, ms, cost);
  }

  /** Ends what has not ended. */
  close(): void {
    while (this.#open.length > 0) this.end();
  }

  #keep(event: TraceEvent): void {
    if (this.events.length < this.#maxEvents) this.events.push(event);
    else this.dropped++;
  }

  /** An operation says what it costs, its kernels need not. The launcher overwrites their arguments: so it is asked before. */
  #costOfKernel(name: string, args: readonly unknown[], parent: Open | null): Cost {
    return parent === null || parent.activity === "update" ? costOfKernel(name, args) : NO_COST;
  }

  #costOf({ activity, subject, nested }: Open, result: unknown): Cost {
    if (activity === "backward") {
      const made = this.#made.get(subject as Function);
      return made ? largerOf(nested, costOfRule(subject as Function, made.cost)) : nested;
    }
    if (activity !== "operation" || !isTensor(result)) return nested;
    const { fn, inputs } = subject as ObservedOperation;
    const cost = largerOf(nested, costOfOperation(fn, inputs, result));
    this.#made.set(fn, { path: this.#layers.at(-1) ?? "", cost });
    return cost;
  }

  /** To the activity around it. */
  #pass(one: Open, parent: Open, cost: Cost): void {
    parent.nested = sumOf(parent.nested, cost);
    parent.peak = Math.max(parent.peak, one.peak);
  }

  #add({ phase, path, name, peak }: Open, ms: number, cost: Cost): void {
    const key = `${phase}\n${path}\n${name}`;
    const row = this.rows.get(key) ?? {
      phase,
      path,
      operation: name,
      calls: 0,
      ms: 0,
      peakBytes: 0,
      ...NO_COST,
    };
    this.rows.set(key, Object.assign(row, sumOf(row, cost)));
    row.calls++;
    row.ms += ms;
    row.peakBytes = Math.max(row.peakBytes, peak);
  }

  /** The first layer that is entered is a model: all below it get their paths. */
  #enter(layer: Layer | Module): void {
    if (
      this.#layers.length === 0 &&
      (!this.#paths.has(layer) || this.#paths.get(layer) === layer.constructor.name)
    ) {
      if (!this.#paths.has(layer)) this.#models++;
      const prefix = this.#models > 1 ? `${layer.constructor.name}${this.#models}.` : "";
      for (const [part, path] of layersOf(layer)) {
        this.#paths.set(part, path ? prefix + path : prefix.slice(0, -1) || layer.constructor.name);
        if (!(part instanceof Module)) this.#watch.addLayer(part);
      }
    }
    this.#layers.push(this.#paths.get(layer) ?? this.#layers.at(-1) ?? layer.constructor.name);
  }

  #pathOfRule(fn: unknown): string {
    return this.#made.get(fn as Function)?.path ?? "";
  }

  /** `forward` → `blocks` → `0` → `mlp` → `Affine` → `gemm` */
  #nodeOf(parent: Open | null, phase: Phase, path: string, name: string): FlameNode {
    if (parent?.node) return childOf(parent.node, name);
    const segments = path === "" ? [] : path.split(".");
    return childOf([phase, ...segments].reduce(childOf, this.root), name);
  }
}

function childOf(node: FlameNode, name: string): FlameNode {
  const child = node.children.get(name) ?? newNode(name);
  node.children.set(name, child);
  return child;
}
