/** Agreement of the SIMD kernels with the plain loops: the same inputs, the same answers up to a stated number of ULPs. */
export interface KernelResult {
  readonly name: string;
  readonly passed: boolean;
  /** Numbers compared. */
  readonly comparisons: number;
  /** Largest difference found, in units in the last place. */
  readonly worst: number;
  /** What may differ, and why. */
  readonly allowed: string;
  readonly complaint: string | null;
}

export interface KernelOptions {
  readonly seed: number;
  readonly filter: string;
}

export function checkKernels(
  _options: KernelOptions,
  _listen: (result: KernelResult) => void = () => {},
): KernelResult[] {
  return [];
}
