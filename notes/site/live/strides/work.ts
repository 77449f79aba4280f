import type { Matrix } from "../lib/grid.ts";

/** What the library says about a tensor. */
export interface Seen {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly data: readonly number[];
  /** Whether it shares the memory of the tensor that it was made from. */
  readonly view: boolean;
}

/** Operations that can be put one after the other. */
export const VIEWS = {
  transpose: "transpose(0, 1)",
  firstRows: "narrow(0, 0, 2)",
  lastColumns: "narrow(1, 1, 2)",
  everySecond: "slice(1, 0, 4, 2)",
  flat: "reshape(−1)",
  pairs: "reshape(−1, 2)",
  stretch: "narrow(1, 0, 1).expand(−1, 3)",
  copy: "contiguous()",
} as const;
export type View = keyof typeof VIEWS;

/** Values, and the gradients of what they were made from, for a gradient that comes in from above. */
export interface Walked {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly y: Matrix;
  readonly g: Matrix;
  readonly da: Matrix;
  readonly db: Matrix;
}

export type StridesWork = {
  readonly views: {
    readonly input: readonly View[];
    readonly output: readonly Seen[];
    readonly progress: never;
  };
  readonly broadcast: {
    readonly input: { readonly a: readonly number[]; readonly b: readonly number[]; readonly seed: number };
    readonly output: Walked;
    readonly progress: never;
  };
  readonly product: {
    readonly input: { readonly seed: number };
    readonly output: Walked;
    readonly progress: never;
  };
};
