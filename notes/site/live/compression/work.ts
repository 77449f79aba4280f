/** Bits of a weight, and what that means here. */
export const BITS = { "32": "32: float", "16": "16: float", "8": "8: integers", "4": "4: integers" } as const;
export type Bits = keyof typeof BITS;

/** The shares of weights that go, in percent. */
export const SPARSITIES = [0, 50, 70, 80, 90, 95] as const;

export interface Setting {
  readonly bits: Bits;
  /** In percent of the weights. */
  readonly sparsity: number;
}

/** A network that was made smaller, measured. */
export interface Point extends Setting {
  /** Of the test digits. */
  readonly accuracy: number;
  /** Of its file, or of a sparse one where that is smaller. */
  readonly bytes: number;
  /** Milliseconds for a hundred digits. */
  readonly ms: number;
}

export type Against = "bytes" | "ms";

/** What is profiled. */
export const RUNS = { forward: "reading 100 digits", step: "a training step on 100 digits" } as const;
export type Profilable = keyof typeof RUNS;

/** A frame of the flame graph. */
export interface Frame {
  readonly name: string;
  readonly ms: number;
  readonly children: readonly Frame[];
}

/** An operation in a layer: what it took, and what it did. */
export interface Row {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
}

export interface Profiled {
  readonly wallMs: number;
  readonly tree: Frame;
  readonly rows: readonly Row[];
  readonly sentences: readonly string[];
  readonly ceilings: { readonly bytesPerSecond: number; readonly flopsPerSecond: number };
}

export type CompressionWork = {
  readonly measure: { readonly input: Setting; readonly output: Point; readonly progress: never };
  /** The places of the points that no other point beats. */
  readonly front: {
    readonly input: { readonly points: readonly Point[]; readonly against: Against };
    readonly output: readonly number[];
    readonly progress: never;
  };
  readonly profile: { readonly input: Profilable; readonly output: Profiled; readonly progress: never };
};
