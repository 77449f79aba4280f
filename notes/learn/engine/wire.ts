/** What the process that checks and the one that asks say to each other: lines of JSON. */

/** A number, a text, true or false, or null: what a probe gives. */
export type Probe = number | string | boolean | null;

export interface Job {
  /** The module that exports `load`. */
  readonly bundle: string;
  /** Which of the programs in a region is meant. */
  readonly variant: number;
  readonly seed: number;
  /** Seconds of computing, and bytes on top of what a process has at the start, after which it is stopped. */
  readonly seconds: number;
  readonly bytes: number;
  readonly probes: boolean;
}

/** A place in the bundle. */
export interface Frame {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "begin"; readonly check: string }
  | { readonly kind: "passed"; readonly check: string }
  | { readonly kind: "failed"; readonly check: string; readonly message: string; readonly stack: string }
  | { readonly kind: "answers"; readonly answers: Readonly<Record<string, number | string>> }
  | { readonly kind: "probes"; readonly probes: readonly Probe[] }
  | { readonly kind: "ran"; readonly regions: readonly string[] }
  | { readonly kind: "load"; readonly message: string; readonly stack: string }
  | { readonly kind: "exit"; readonly stack: string }
  | { readonly kind: "await" }
  | { readonly kind: "time" | "memory"; readonly frames: readonly Frame[] }
  | { readonly kind: "done" };
