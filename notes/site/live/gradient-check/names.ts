/** What can be looked at, and the bugs that can be planted into its derivative: names alone, which cost a page nothing. */

export const SUBJECT_NAMES = {
  tanh: "tanh x",
  exp: "eˣ",
  cube: "x³",
  sigmoid: "sigmoid x",
  log: "log x",
  relu: "relu x",
} as const;

export type Subject = keyof typeof SUBJECT_NAMES;

export const BUG_NAMES = {
  none: "none: the library’s own rule",
  factor: "1 % too large",
  tiny: "0.000001 % too large",
  sign: "the sign",
  forgotten: "the slope is forgotten",
  detached: "cut off from the graph",
  clipped: "g is clipped to ±0.7",
  unsteady: "another one at each call",
  written: "the input is overwritten",
} as const;

export type Bug = keyof typeof BUG_NAMES;
