import type { Storage } from "../00-runtime/index.ts";
import { setAutocast } from "./autocast.ts";
import { isWatching, pauseWatching } from "./nan-watch.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The time while an operation's rule runs, ended by `using`. Tensors that were changed in place since the forward pass refuse
 * to be read. Operations that the rule itself calls are not searched for NaN. A rule computes in the dtypes of the forward
 * pass.
 */
export class RunningRule implements Disposable {
  /** The gradient to hand to the rule. */
  readonly g: Tensor;
  /** Whether the user looks for the first NaN. */
  readonly watching = isWatching();
  readonly #paused = pauseWatching(true);
  readonly #refusals: readonly Disposable[];
  readonly #read: readonly Tensor[];
  readonly #autocast = setAutocast(null);

  /** `read` are the tensors that the rule may have saved, `changed` those of them that must not be read any more. */
  constructor(
    g: Tensor,
    read: readonly Tensor[],
    changed: readonly (readonly [storage: Storage, error: () => Error])[],
  ) {
    this.#read = read;
    // The gradient that comes in may be one of the changed tensors; its numbers are right as they are now.
    this.g = changed.some(([storage]) => storage === g.storage) ? g.clone() : g;
    this.#refusals = changed.map(([storage, error]) => storage.refuse(error));
  }

  [Symbol.dispose](): void {
    for (const refusal of this.#refusals.toReversed()) refusal[Symbol.dispose]();
    for (const x of this.#read) x.storage.rest();
    setAutocast(this.#autocast);
    pauseWatching(this.#paused);
  }
}
