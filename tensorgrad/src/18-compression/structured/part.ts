import { scope } from "../../00-runtime/index.ts";
import { type Tensor, tensor, withRecording } from "../../01-tensor/index.ts";
import { type Module, Parameter } from "../../03-layers/index.ts";

/** Something in a model of which some units can leave: the channels of a layer, the heads of an attention. */
export interface Part {
  readonly name: string;
  readonly kind: "channels" | "neurons" | "heads";
  /** How many there are. */
  readonly size: number;
  /** How much each one matters. */
  scores(): Float64Array;
  /** Leaves only these. */
  cut(kept: readonly number[]): void;
}

/** Layers of which nothing can leave, by name, each with the reason. */
export type Blocked = Map<string, string>;

export interface Parts {
  readonly parts: Part[];
  readonly blocked: Blocked;
}

export const ADDED = "its output is added to another's, so all of it must stay";

/** A tensor with some rows (columns, …) only; each index stands for `block` of them in a row. */
export function selected<T extends Tensor>(t: T, dim: number, kept: readonly number[], block = 1): T {
  const indices = kept.flatMap((i) => Array.from({ length: block }, (_, j) => i * block + j));
  const fresh = withRecording("off", () => t.detach().indexSelect(dim, tensor(indices, { dtype: "int32" })));
  return (t instanceof Parameter ? new Parameter(fresh) : fresh) as Tensor as T;
}

/** Puts tensors with some rows only in the place of a layer's own. */
export function cutRows<const Name extends string>(
  layer: Module & { readonly [name in Name]: Tensor | null },
  names: readonly Name[],
  kept: readonly number[],
  block = 1,
): void {
  for (const name of names) {
    const t = layer[name];
    if (t) Object.assign(layer, { [name]: selected(t, 0, kept, block) });
  }
}

/** Lengths of the rows (or of what is left of other dims), `block` rows together. */
export function lengths(t: Tensor, dim: number, block = 1): Float64Array {
  using _ = scope();
  const other = t.shape.flatMap((_, d) => (d === dim ? [] : [d]));
  const squares = withRecording("off", () => {
    const each = t.detach().square();
    return other.length ? each.sum(other) : each;
  });
  const rows = Float64Array.from(squares.data);
  return Float64Array.from({ length: rows.length / block }, (_, i) =>
    Math.sqrt(rows.subarray(i * block, (i + 1) * block).reduce((sum, square) => sum + square, 0)),
  );
}

export const product = (...factors: readonly Float64Array[]): Float64Array =>
  factors.reduce((result, factor) => result.map((value, i) => value * factor[i]));
