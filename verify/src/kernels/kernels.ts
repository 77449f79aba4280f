import { Random } from "tensorgrad";
import { kernelCases, runKernelCase } from "tensorgrad/agreement";
import type { Outcome } from "../parity/agreement.ts";
import { measure, text } from "../report/cells.ts";
import type { Section } from "../section.ts";

/** Agreement of the SIMD kernels with the plain loops: the same inputs, the same answers up to a stated number of ULPs. */
export interface KernelResult extends Outcome {
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

type Row = ReturnType<typeof kernelCases>[number];

/** A kernel that throws (writes outside its arrays, is not there) is a miss like any other. */
export function checkKernel(row: Row, seed: number): KernelResult {
  const { name, ulps: allowed, reason } = row;
  const random = new Random(seed);
  const nothing = { calls: 0, elements: 0, worst: Number.POSITIVE_INFINITY };
  const missed = { name, passed: false, ...nothing, allowed, reason };
  try {
    const { calls, elements, maxUlp, worst } = runKernelCase(row, () => random.uniform());
    const passed = maxUlp <= allowed && elements > 0;
    const found =
      elements > 0 ? `${maxUlp} ULP (allowed ${allowed}: ${reason}); ${worst}` : "nothing was compared";
    return { ...missed, passed, calls, elements, worst: maxUlp, complaint: passed ? null : found };
  } catch (error) {
    return { ...missed, complaint: String(error) };
  }
}

/**
 * float32 in SIMD against the reference loops. Same calls for all seeds of operands: lengths around the width of a
 * vector, odd offsets, NaN, infinities, subnormals. Bounds are per kernel, in ULP, each with its reason.
 */
export const kernels: Section<KernelResult, Row> = {
  part: "kernels",
  title: "Kernels",
  about: "SIMD in float32 against the plain loops in float64.",
  items: kernelCases,
  check: (row, { seed }) => checkKernel(row, seed),
  columns: {
    kernel: (k) => text(k.name),
    calls: (k) => text(k.calls),
    "numbers compared": (k) => text(k.elements),
    ULP: (k) => measure(k.worst, k.allowed),
    allowed: (k) => text(k.allowed),
    why: (k) => text(k.reason),
  },
  brief: ["kernel", "calls", "numbers compared", "ULP", "allowed"],
  wrong: (k) => k.complaint && `kernel ${k.name}: ${k.complaint}`,
  counts: [{ key: "kernels", label: "kernels" }],
};
