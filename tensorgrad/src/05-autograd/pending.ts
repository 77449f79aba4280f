import { type Arena, currentArena, give, type Storage } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { checkHooked } from "./checked.ts";

/**
 * Gradients on their way. A complete one is needed only until its operation has run: then its memory is given back, so that
 * a pass holds the gradients of one layer and not of all.
 */
export class Pending {
  readonly #gradients = new Map<Tensor, Tensor>();
  readonly #uses = new Map<Storage, number>(); // gradients may be views of each other
  readonly #pass: Arena | null;

  /** `pass` frees what the walk made; without it everything stays, for a graph of gradients. */
  constructor(pass: Arena | null) {
    this.#pass = pass;
  }

  // exercise: autograd-pending
  /** Adds what one use of x contributes to its gradient; null for nothing. */
  add(x: Tensor, contribution: Tensor | null): void {
    if (!contribution) return;
    const before = this.#gradients.get(x);
    const sum = before ? before.add(contribution) : contribution;
    this.#letOut(sum);
    this.#gradients.set(x, sum);
    this.#count(sum, 1);
    if (before) this.#count(before, -1);
  }

  /** The gradient of y as its hooks leave it, once all uses of y have added theirs; undefined if none did. */
  complete(y: Tensor): Tensor | undefined {
    const sum = this.#gradients.get(y);
    if (sum === undefined || y.hooks.length === 0) return sum;
    const run = () => y.hooks.reduce((g, hook) => hook(g) ?? g, sum);
    const g = this.#pass ? this.#pass.outside(run) : run(); // what hooks make outlives the pass
    checkHooked(y, g);
    return g;
  }

  /** Keeps a gradient until the end of the pass. */
  keep(g: Tensor): Tensor {
    this.#count(g, 1);
    return g;
  }

  /** Forgets the gradient of y, which was passed on, and frees it unless it is kept, still pending, or somebody else's. */
  done(y: Tensor): void {
    const g = this.#gradients.get(y);
    this.#gradients.delete(y);
    if (g) this.#count(g, -1);
  }

  /** From the arena of one rule to that of the pass. */
  #letOut({ storage }: Tensor): void {
    if (this.#pass && storage.owner !== this.#pass && storage.owner === currentArena())
      give(storage, this.#pass);
  }

  #count({ storage }: Tensor, change: 1 | -1): void {
    const uses = (this.#uses.get(storage) ?? 0) + change;
    this.#uses.set(storage, uses);
    if (uses === 0 && this.#pass && storage.owner === this.#pass) storage.free();
  }
}
