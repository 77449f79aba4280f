import { counted, observed, Printed } from "../00-runtime/index.ts";
import { isLayer, type Layer } from "./layer.ts";

/**
 * Tells the observer of module 00 which layer computes. A layer is called by its own `forward`, so there is no common call to
 * listen at. While somebody listens, the methods of the classes are replaced by ones that tell; then they are put back. All
 * instances of a class keep its method, so that layers that fuse go on doing so.
 */
const METHODS = ["forward", "after", "next"]; // `after` and `next` compute with a past, in language models

/** Classes of modules that were ever made. */
const classes = new Set<object>();
let watch: CallWatch | null = null;

/** For the constructor of Module. */
export function noteClass(prototype: object): void {
  if (classes.has(prototype)) return;
  classes.add(prototype);
  watch?.add(prototype);
}

/** The replaced methods; ended by `using`. */
export class CallWatch extends Printed implements Disposable {
  readonly #replaced = new Map<object, Map<string, unknown>>();

  /** Replaces the methods of a class and of those above it. */
  add(prototype: object): void {
    for (let at = prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      if (this.#replaced.has(at)) return;
      this.#replaced.set(at, new Map());
      for (const name of METHODS) this.#replace(at, name);
    }
  }

  /** A layer that is no module, such as an activation: nobody noted its class. */
  addLayer(layer: Layer): void {
    this.add(Object.getPrototypeOf(layer));
  }

  #replace(at: object, name: string): void {
    const method: unknown = Object.getOwnPropertyDescriptor(at, name)?.value;
    if (typeof method !== "function") return;
    this.#replaced.get(at)?.set(name, method);
    Object.assign(at, {
      [name](this: object, ...args: unknown[]): unknown {
        if (!isLayer(this)) return Reflect.apply(method, this, args);
        return observed("module", this.constructor.name, this, () => Reflect.apply(method, this, args));
      },
    });
  }

  [Symbol.dispose](): void {
    for (const [at, methods] of this.#replaced) Object.assign(at, Object.fromEntries(methods));
    this.#replaced.clear();
    watch = null;
  }

  protected override describe(): string {
    return counted(this.#replaced.size, "watched prototype");
  }
}

export const isWatchingCalls = (): boolean => watch !== null;

/** From now on until the end of the block, the observer is told of layers. One watch at a time: the caller sees to it. */
export function watchCalls(): CallWatch {
  watch = new CallWatch();
  for (const one of classes) watch.add(one);
  return watch;
}
