import { throughBlas } from "./blas/blas.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { heap } from "./memory/heap.ts";
import type { Split } from "./split.ts";
import { threaded } from "./threads/threads.ts";
import { kernelsAreOff, SIMD_REQUIREMENT } from "./wasm.ts";

/**
 * The contract between operations and kernels.
 *
 * A family of operations has two implementations with the same names and arguments, side by side:
 * `matmul.reference.ts`, plain loops over typed arrays (the oracle, and the float64 path), and `matmul.simd.ts`,
 * the same over byte addresses in WebAssembly. The operation calls either through
 *
 * ```ts
 * import * as reference from "./matmul.reference.ts";
 * const kernel = kernels(reference);
 * kernel.gemm(a, b, c, m, n, k, …);   // tensors where the kernel takes arrays
 * ```
 *
 * A reference kernel may carry a rule, `gemm.split`, by which its outputs are divided between threads (split.ts).
 *
 * Shapes were checked before: kernels assume valid input and never throw.
 */

/** What a kernel needs to know of a tensor. */
export interface Operand {
  readonly dtype: DType;
  /** The elements, beginning at the tensor's own first one. */
  readonly elements: TypedArray;
  /** Address in bytes of the first element. */
  readonly pointer: number;
}

// biome-ignore lint/suspicious/noExplicitAny: parameters of any kernel; `unknown` would reject every one of them
type Kernel = (...args: any[]) => void;
type Reference = Readonly<Record<string, Kernel>>;
/** What a reference kernel may carry. */
interface Traits {
  /** The rule by which its outputs are divided between threads. */
  readonly split?: Split;
  /** Its twin in WebAssembly moves elements of four bytes without looking at them: it serves int32 as well. */
  readonly moves?: boolean;
}
type Arguments<P extends unknown[]> = {
  [I in keyof P]: P[I] extends number ? number : Operand;
};
type Launch<K extends Kernel> = (...args: Arguments<Parameters<K>>) => void;

export type KernelChoice = "simd" | "reference";

// Where kernels are missing, float32 is refused until someone asks for the plain loops: nobody should train a hundred
// times more slowly than need be, and not know it.
let choice: KernelChoice = kernelsAreOff() ? "reference" : "simd";

/** Which implementation float32 tensors run on. */
export const kernelChoice = (): KernelChoice => choice;

/** Chooses the implementation for float32 tensors; other types always take the reference. */
export function useKernels(wanted: KernelChoice): void {
  if (wanted === "simd" && !heap.wasm)
    throw new TypeError(
      kernelsAreOff()
        ? 'useKernels: "simd" — TENSORGRAD_SIMD=off has switched the kernels off; unset it, or use "reference"'
        : SIMD_REQUIREMENT,
    );
  choice = wanted;
}

/** Kernels that may do better still than WebAssembly: a third implementation, made from the other two. */
const beyond: Readonly<Record<string, (simd: Kernel, loop: Kernel) => Kernel>> = { gemm: throughBlas };

/** Makes the launchers of a family from its reference implementation. */
export function kernels<R extends Reference>(reference: R): { readonly [K in keyof R]: Launch<R[K]> } {
  const launchers: Record<string, Kernel> = {};
  for (const [name, loop] of Object.entries(reference)) {
    const simd = heap.wasm?.[name] && threaded(name, heap.wasm[name], (loop as Traits).split);
    launchers[name] = !heap.wasm
      ? withoutSimd(loop)
      : launcher(loop, simd ? (beyond[name]?.(simd, loop) ?? simd) : null);
  }
  return launchers as { [K in keyof R]: Launch<R[K]> };
}

/** For runtimes without the kernels. */
function withoutSimd(loop: Kernel): Kernel {
  const launch = launcher(loop, null);
  return (...args: (Operand | number)[]) => {
    if (choice === "simd" && (args[0] as Operand).dtype === "float32") throw new TypeError(SIMD_REQUIREMENT);
    launch(...args);
  };
}

function launcher(loop: Kernel, simd: Kernel | null): Kernel {
  const alsoFor: DType = (loop as Traits).moves ? "int32" : "float32";
  return (...args: (Operand | number)[]) => {
    const { dtype } = args[0] as Operand;
    const fast = simd !== null && choice === "simd" && (dtype === "float32" || dtype === alsoFor);
    for (let i = 0; i < args.length; i++) {
      const operand = args[i];
      if (typeof operand === "object") (args as unknown[])[i] = fast ? operand.pointer : operand.elements;
    }
    (fast ? simd : loop)(...args);
  };
}
