export interface Machine {
  /** `simd`, `relaxed`, … : the kernels that the browser can run. */
  readonly level: string;
  readonly threads: number;
}

export type MachineWork = {
  readonly look: { readonly input: null; readonly output: Machine; readonly progress: never };
  readonly multiply: {
    readonly input: { readonly size: number; readonly seconds: number };
    /** Billions of operations a second, the best of all products. */
    readonly output: number;
    readonly progress: number;
  };
};
