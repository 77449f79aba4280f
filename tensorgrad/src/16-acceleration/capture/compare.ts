import type { Recorded } from "./record.ts";
import type { Entry, Operand, Place } from "./recording.ts";
import type { Flat } from "./values.ts";

/**
 * How two recordings of one step differ; null if they do not. What JavaScript computes anew in every call (a rate, a number that
 * was drawn, a position) shows here, and only here.
 */
export function difference(a: Recorded, b: Recorded): string | null {
  const comparison = new Comparison(gradientsOf(a));
  return (
    comparison.entries(a.recording.entries, b.recording.entries) ??
    comparison.constants() ??
    comparison.results(a.outputs, b.outputs)
  );
}

/** Whether all looks at numbers came to the same. */
export function looksAlike(a: Recorded, b: Recorded): boolean {
  const [x, y] = [a, b].map(({ recording }) =>
    recording.entries.flatMap((e) => (e.kind === "decided" ? [e.result] : [])),
  );
  return x.length === y.length && x.every((result, i) => Object.is(result, y[i]));
}

const gradientsOf = ({ leaves }: Recorded) => new Set(leaves.flatMap(({ block }) => block ?? []));

class Comparison {
  /** Blocks of the first that hold gradients of earlier steps: every step may leave them in another tensor. */
  readonly #gradients: ReadonlySet<Place["block"]>;
  /** Which block of the second recording is which of the first. */
  readonly #same = new Map<Place["block"], Place["block"]>();

  constructor(gradients: ReadonlySet<Place["block"]>) {
    this.#gradients = gradients;
  }

  entries(a: readonly Entry[], b: readonly Entry[]): string | null {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const found = a[i] && b[i] ? this.#entry(a[i], b[i]) : "another number of kernels is called";
      if (found) return found;
    }
    return null;
  }

  #entry(a: Entry, b: Entry): string | null {
    if (a.kind === "call" && b.kind === "call") {
      if (a.name !== b.name) return `the kernel ${b.name} is called instead of ${a.name}`;
      const at = a.args.findIndex((x, i) => !this.#arg(x, b.args[i]));
      if (at < 0) return null;
      const [x, y] = [a.args[at], b.args[at]];
      if (typeof x === "number" && typeof y === "number")
        return `a number of the kernel ${a.name} changes: ${x}, then ${y}`;
      return `the kernel ${a.name} is called with another tensor`;
    }
    if ("entries" in a && "entries" in b && a.kind === b.kind) return this.entries(a.entries, b.entries);
    if ("operands" in a && "operands" in b && a.kind === b.kind && Object.is(a.result, b.result)) {
      const alike = a.operands.length === b.operands.length;
      if (alike && a.operands.every((x, i) => this.#operand(x, b.operands[i]))) return null;
    }
    return "the order of its calls changes";
  }

  #arg(a: Place | number, b: Place | number): boolean {
    if (typeof a === "number" || typeof b === "number") return Object.is(a, b);
    return a.from === b.from && a.dtype === b.dtype && this.#block(a.block, b.block);
  }

  #operand(a: Operand, b: Operand): boolean {
    const [x, y] = [a.tensor, b.tensor];
    const alike = x.offset === y.offset && `${x.shape}/${x.strides}` === `${y.shape}/${y.strides}`;
    return alike && this.#block(a.block, b.block);
  }

  #block(a: Place["block"], b: Place["block"]): boolean {
    const known = this.#same.get(b);
    if (known !== undefined) return known === a;
    this.#same.set(b, a);
    if (a.origin !== b.origin || a.storage.dtype !== b.storage.dtype || a.storage.size !== b.storage.size)
      return false;
    if (a.origin !== "outside" || a.storage === b.storage) return true;
    return this.#gradients.has(a) && a.pointer === b.pointer;
  }

  results(a: Flat, b: Flat): string | null {
    if (a.form !== b.form) return "the step returns something else";
    const at = a.others.findIndex((one, i) => !Object.is(one, b.others[i]));
    return at < 0 ? null : `the step returns ${String(a.others[at])}, then ${String(b.others[at])}`;
  }

  /** Of the blocks that were met. */
  constants(): string | null {
    for (const [{ values: now }, { values }] of this.#same) {
      const at = values?.findIndex((value: number, i: number) => !Object.is(value, now?.[i])) ?? -1;
      if (at >= 0) return `a number that JavaScript computes changes: ${values?.[at]}, then ${now?.[at]}`;
    }
    return null;
  }
}
