import type { Wish as WithoutCache } from "../../../../examples/lib/gpt-page/messages.ts";
import type { Kernels } from "../lib/kernels.ts";

/** What the page and its worker say to each other. */

export interface Facts {
  readonly parameters: number;
  readonly layers: number;
  readonly heads: number;
  /** How many characters the model sees at once. */
  readonly window: number;
  readonly alphabet: string;
  /** Nats a character on text that it has not read. */
  readonly valNats: number;
  /** The longest rows that were counted. */
  readonly longest: number;
}

/** What the model makes of a text. */
export interface Reading {
  /** The end of the text that fits into the window, T characters of it. */
  readonly seen: string;
  /** Scores of what comes next, after each character: [T, alphabet]. */
  readonly scores: Float32Array;
  /** By layer, by head: [T, T], how much each character takes from each. */
  readonly weights: readonly (readonly Float32Array[])[];
  /** How far scores of the first half move when all characters of the second half are changed. */
  readonly moved: number;
  /** What it was computed with: threads begin with the first work that is large enough. */
  readonly kernels: Kernels;
}

export interface Counted {
  /** The characters before, as far as they are looked at. */
  readonly history: string;
  /** How often they stand in the training text. */
  readonly times: number;
  /** Of each character of the alphabet. */
  readonly chances: Float64Array;
}

/** What the model is to write, and whether with a cache. */
export interface Wish extends WithoutCache {
  readonly cache: boolean;
}

export interface Piece {
  readonly text: string;
  /** Milliseconds of each character. */
  readonly times: readonly number[];
  readonly done: boolean;
  /** Of keys and values that are kept, and of the room for them. */
  readonly bytes: { readonly used: number; readonly room: number };
}

export type AttentionWork = {
  /** Loads the model; tells the share of the bytes that are there. */
  readonly open: { readonly input: null; readonly output: Facts; readonly progress: number };
  readonly read: {
    readonly input: { readonly text: string; readonly lifted: boolean };
    readonly output: Reading;
    readonly progress: never;
  };
  readonly count: {
    readonly input: { readonly text: string; readonly order: number };
    readonly output: Counted;
    readonly progress: never;
  };
  readonly begin: { readonly input: Wish; readonly output: null; readonly progress: never };
  /** Goes on for about so many milliseconds. */
  readonly more: {
    readonly input: { readonly ms: number };
    readonly output: Piece;
    readonly progress: never;
  };
};
