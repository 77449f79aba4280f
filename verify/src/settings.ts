/** Everything the command line can run, one result at a time, so that progress is seen as it happens. */
export interface Settings {
  readonly seed: number;
  /** Examples per row of the table. */
  readonly runs: number;
  /** Random directions per example. */
  readonly directions: number;
  /** Seeds on which every planted fault has to be caught. */
  readonly seeds: number;
  /** Examples per row that are compared with ONNX Runtime. */
  readonly parityRuns: number;
  /** Training steps done in both engines. */
  readonly steps: number;
  /** Only rows, kernels, models and faults whose name contains this. */
  readonly filter: string;
}

export const FULL = { runs: 200, directions: 4, seeds: 20, parityRuns: 20, steps: 200 } as const;
export const QUICK = { runs: 12, directions: 2, seeds: 3, parityRuns: 4, steps: 10 } as const;

/** What was seen while it ran: a line of a table, or the start of a new one. */
export type Listener = (event: Event) => void;

export type Event =
  | { readonly kind: "section"; readonly title: string; readonly columns: readonly string[] }
  | { readonly kind: "line"; readonly cells: readonly string[]; readonly complaint: string | null };
