import { DisposedError } from "../errors.ts";
import type { Storage } from "./storage.ts";

/**
 * Who owns a block of tensor memory, and when it is given back.
 *
 * V8's collector does not see the tensor heap, so a loop that only drops its tensors would fill it:
 * collection callbacks run after a turn of the event loop, never inside a synchronous one. A scope frees what
 * was created inside it at the end of the block, also on `break` or `throw`:
 *
 * ```ts
 * for (const { x, y } of loader) {
 *   using step = scope();
 *   const loss = crossEntropy(model.forward(x), y);
 *   loss.backward();
 *   optimizer.step();
 * }
 * ```
 *
 * Parameters, their gradients and optimizer state outlive the step: they belong to whoever owned the
 * parameter.
 */
export class Scope implements Disposable {
  readonly parent: Scope | null = current;
  #owned: Storage[] = [];
  #crowded = CROWDED;
  #open = true;

  /** Lets a tensor out: it belongs to the surrounding scope, or to the collector where there is none. */
  keep<T extends { readonly storage: Storage }>(tensor: T): T {
    if (tensor.storage.freed) {
      throw new DisposedError("keep: a tensor whose memory was freed — keep it before its scope ends");
    }
    if (tensor.storage.owner === this) own(tensor.storage, this.parent);
    return tensor;
  }

  /** Runs `fn` as if it stood outside: what it makes belongs to the surrounding scope. */
  outside<T>(fn: () => T): T {
    const inner = current;
    current = this.parent?.open ?? null;
    try {
      return fn();
    } finally {
      current = inner;
    }
  }

  /** Frees everything created inside and not kept. Called by `using`; harmless a second time. */
  dispose(): void {
    if (!this.#open) return;
    this.#open = false;
    // Scopes of interleaved async functions may end out of order: the innermost one still open takes over.
    while (current && !current.#open) current = current.parent;
    for (const storage of this.#owned) if (storage.owner === this) storage.free();
    this.#owned = [];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * For `own` only. A scope around a whole training run adopts every gradient, only to lose it again: each
   * time the list has doubled, what belongs to others or was freed leaves it, so it stays as long as what is
   * really owned.
   */
  adopt(storage: Storage): void {
    if (this.#owned.length >= this.#crowded) {
      this.#owned = this.#owned.filter((other) => other.owner === this && !other.freed);
      this.#crowded = Math.max(CROWDED, 2 * this.#owned.length);
    }
    this.#owned.push(storage);
  }

  /** The innermost open scope around this one, itself included. */
  get open(): Scope | null {
    return this.#open ? this : (this.parent?.open ?? null);
  }
}

/** Up to so many storages nobody looks whether all are still owned. */
const CROWDED = 1024;

let current: Scope | null = null;

/** Opens a scope; `using step = scope()` closes it at the end of the block. */
export function scope(): Scope {
  current = new Scope();
  return current;
}

/** The scope that tensors created now belong to. */
export const currentScope = (): Scope | null => current;

/** Outside every scope the collector decides: when a storage is found dead, its block is freed. */
const collector = new FinalizationRegistry<{ free(): void }>((block) => block.free());

/**
 * Hands a storage to a scope, or to the collector (`null`). A scope that has ended passes it on to its
 * parent.
 */
export function own(storage: Storage, owner: Scope | null): void {
  if (storage.owner === null) collector.unregister(storage);
  storage.owner = owner?.open ?? null;
  if (storage.owner) storage.owner.adopt(storage);
  else collector.register(storage, storage.block, storage);
}

/** The collector need not watch a storage that was freed by hand. */
export const disown = (storage: Storage): boolean => collector.unregister(storage);
