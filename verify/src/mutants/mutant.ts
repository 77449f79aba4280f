/**
 * Planted faults. A checker is proved by what it catches: each mutant replaces one method of the library by one that is
 * slightly wrong, and has to be caught on every seed. The report says by which law.
 */
export interface Mutant {
  readonly name: string;
  /**
   * What has to notice: rows of the table, references, "scalars" (random programs against micrograd), or "scalar
   * parity" (random programs of micrograd in ONNX Runtime).
   */
  readonly caughtBy: readonly Catcher[];
  /** Puts the fault in; the returned function takes it out again. */
  readonly plant: () => () => void;
}

export type Catcher = { readonly row: string } | { readonly reference: string } | "scalars" | "scalar parity";
