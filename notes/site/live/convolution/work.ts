import type { Matrix } from "../lib/grid.ts";

/** How the small filter is filled. */
export const FILTERS = {
  seed: "whole numbers",
  edge: "left from right",
  mean: "mean",
} as const;
export type Filter = keyof typeof FILTERS;

export interface Walk {
  readonly seed: number;
  readonly filter: Filter;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** The small image, with its zeros around it, and what the library makes of it. */
export interface Walked {
  readonly image: Matrix;
  readonly w: Matrix;
  /** What the filter sees at each place, a column each: [K·K, H′·W′]. */
  readonly columns: Matrix;
  readonly y: Matrix;
}

/** The side of the small image; of a digit and of what the first filters make of it; and of what the second ones make. */
export const [SMALL, SIDE, SECOND_SIDE] = [6, 28, 14];

/** What the trained network says of a digit, and what its layers have made of it on the way. */
export interface Reading {
  readonly probabilities: readonly number[];
  /** [8, 28, 28] and [16, 14, 14], after relu. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface Learned {
  /** [8, 5, 5] */
  readonly filters: Float32Array;
  readonly biases: Float32Array;
}

export type ConvolutionWork = {
  readonly walk: { readonly input: Walk; readonly output: Walked; readonly progress: never };
  readonly learned: { readonly input: null; readonly output: Learned; readonly progress: never };
  readonly read: { readonly input: Float32Array; readonly output: Reading; readonly progress: never };
  readonly digit: {
    readonly input: number;
    readonly output: { readonly pixels: Float32Array; readonly label: number };
    readonly progress: never;
  };
};
