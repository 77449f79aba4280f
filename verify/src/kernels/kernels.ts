import { Random } from "tensorgrad";
import { kernelCases, runKernelCase } from "tensorgrad/agreement";

/** Agreement of the SIMD kernels with the plain loops: the same inputs, the same answers up to a stated number of ULPs. */
export interface KernelResult {
  readonly name: string;
  readonly passed: boolean;
  /** Calls made: lengths, strides and numbers of every kind. */
  readonly calls: number;
  /** Numbers compared. */
  readonly elements: number;
  /** Largest difference found, in units in the last place. */
  readonly worst: number;
  readonly allowed: number;
  /** Why that much may differ. */
  readonly reason: string;
  readonly complaint: string | null;
}

export interface KernelOptions {
  readonly seed: number;
  readonly filter: string;
}

/** Runs the table of kernels that stands beside them, one row per kernel. */
export function checkKernels(
  { seed, filter }: KernelOptions,
  listen: (result: KernelResult) => void = () => {},
): KernelResult[] {
  const chosen = kernelCases().filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
  return chosen.map((row) => {
    const result = checkKernel(row, seed);
    listen(result);
    return result;
  });
}

type Row = ReturnType<typeof kernelCases>[number];

/** A kernel that throws (writes outside its arrays, is not there) is a miss like any other. */
export function checkKernel(row: Row, seed: number): KernelResult {
  const { name, ulps: allowed, reason } = row;
  const random = new Random(seed);
  try {
    const { calls, elements, maxUlp, worst } = runKernelCase(row, () => random.uniform());
    const passed = maxUlp <= allowed && elements > 0;
    const found =
      elements > 0 ? `${maxUlp} ULP (allowed ${allowed}: ${reason}); ${worst}` : "nothing was compared";
    return {
      name,
      passed,
      calls,
      elements,
      worst: maxUlp,
      allowed,
      reason,
      complaint: passed ? null : found,
    };
  } catch (error) {
    const worst = Number.POSITIVE_INFINITY;
    return { name, passed: false, calls: 0, elements: 0, worst, allowed, reason, complaint: String(error) };
  }
}
