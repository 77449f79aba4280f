import { INSPECT } from "../printed.ts";
import { type Arena, arena } from "./arena.ts";
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
 *
 * An `await` inside the block is fine. Of several functions that await at the same time, each should have a scope: what is
 * made after an `await` is freed when the last of their scopes ends.
 */
export class Scope implements Disposable {
  readonly #arena: Arena = arena(this);

  /** Lets a tensor out: it belongs to the surrounding scope, or to the collector where there is none. */
  keep<T extends { readonly storage: Storage }>(tensor: T): T {
    return this.#arena.keep(tensor);
  }

  /** Whether the tensor will be freed at the end. */
  owns(tensor: { readonly storage: Storage }): boolean {
    return this.#arena.owns(tensor);
  }

  /** Frees everything created inside and not kept. Called by `using`; harmless a second time. */
  dispose(): void {
    this.#arena.dispose();
  }

  [INSPECT](): string {
    return `Scope(${this.#arena.isOpen ? "open" : "ended"})`;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Opens a scope; `using step = scope()` closes it at the end of the block. */
export const scope = (): Scope => new Scope();
