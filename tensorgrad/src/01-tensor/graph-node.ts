import { currentArena, GradientError, give, show } from "../00-runtime/index.ts";
import type { Function } from "./function.ts";
import { Strided } from "./strided.ts";
import type { Tensor } from "./tensor.ts";

/** Sees a gradient, and may replace it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
export type GradientHook = (g: Tensor) => Tensor | undefined | void;

const none: readonly GradientHook[] = [];

/** The part of a tensor that knows the graph: how it was made, and the gradient that `backward` left. */
export abstract class GraphNode extends Strided {
  /** The gradient: same shape and dtype as the tensor; null until `backward` came by. */
  grad: Tensor | null = null;
  #gradFn: Function | null = null;
  #requiresGrad = false;
  #retainsGrad = false;
  #hooks: readonly GradientHook[] = none;

  /** Whether `backward` should compute a gradient for this tensor. Only floats have gradients. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  set requiresGrad(wanted: boolean) {
    if (wanted && !this.isFloat) {
      throw new GradientError(
        `requiresGrad: a tensor of dtype ${this.dtype} — only floats have gradients; use tensor.to("float32")`,
      );
    }
    this.#requiresGrad = wanted;
  }

  /** The operation that made this tensor; null for leaves. */
  get gradFn(): Function | null {
    return this.#gradFn;
  }

  /** A tensor made by hand, not by an operation: where gradients end up. */
  get isLeaf(): boolean {
    return this.#gradFn === null;
  }

  /** Whether `backward` leaves a gradient here although an operation made this tensor. */
  get retainsGrad(): boolean {
    return this.#retainsGrad;
  }

  /** Asks `backward` to leave this tensor's gradient in `grad`, as it does for leaves. */
  retainGrad(): this {
    this.#retainsGrad = true;
    return this;
  }

  /** Hooks in the order they were added; for the engine. */
  get hooks(): readonly GradientHook[] {
    return this.#hooks;
  }

  /**
   * Calls `hook` with this tensor's gradient when `backward` has it complete; a tensor that it returns takes the
   * gradient's place. What the hook makes outlives the pass; of the gradient itself, keep a `clone()`.
   *
   * Returns a function that removes the hook.
   */
  registerHook(hook: GradientHook): () => void {
    if (!this.#requiresGrad) {
      throw new GradientError(
        `registerHook: a tensor of shape ${show(this.shape)} that requires no gradient — none will ever come by`,
      );
    }
    this.#hooks = [...this.#hooks, hook];
    return () => {
      this.#hooks = this.#hooks.filter((other) => other !== hook);
    };
  }

  /** Forgets the gradient. Its memory goes with the current scope, or with the collector. */
  zeroGrad(): void {
    if (this.grad && !this.grad.storage.freed) give(this.grad.storage, currentArena());
    this.grad = null;
  }

  /** For the engine: notes which operation made this tensor. */
  recordedAs(gradFn: Function, requiresGrad: boolean): this {
    this.#gradFn = gradFn;
    this.#requiresGrad = requiresGrad;
    return this;
  }
}
