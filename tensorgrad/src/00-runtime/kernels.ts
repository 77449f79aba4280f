import { libraryCalls, proveAgainst } from "./blas/blas.ts";
import { noteChange } from "./choices.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { isHalf } from "./half.ts";
import { heap } from "./memory/heap.ts";
import type { Storage } from "./memory/storage.ts";
import { observed, observer } from "./observer.ts";
import { described, listed, type Product } from "./product.ts";
import type { Division, Split } from "./split.ts";
import { tape, unrecorded } from "./tape.ts";
import { finishGathered, runCalls, runDivided, runKernel } from "./threads/share.ts";
import { kernelsAreOff, SIMD_REQUIREMENT, type WasmKernel } from "./wasm.ts";

/**
 * The contract between operations and kernels.
 *
 * A family of operations has its kernels in sibling files. `softmax.reference.ts` has plain loops over typed arrays: the
 * oracle, and the path for float64. `softmax.simd.ts` has the same over byte addresses in WebAssembly. `softmax.split.ts`
 * says how outputs are divided between threads. The operation calls either of them through
 *
 * ```ts
 * import * as reference from "./softmax.reference.ts";
 * import * as split from "./softmax.split.ts";
 * const kernel = kernels(reference, split);
 * kernel.softmax(x, y, rows, cols);   // tensors where the kernel takes arrays
 * ```
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
  /** The block in which they lie. */
  readonly storage: Storage;
}

// biome-ignore lint/suspicious/noExplicitAny: parameters of any kernel; `unknown` would reject every one of them
type Kernel = (...args: any[]) => void;
type Reference = Readonly<Record<string, Kernel>>;
/** A kernel's arguments with `Matrix` in the place of every array. */
type Arguments<P extends unknown[], Matrix> = {
  [I in keyof P]: P[I] extends number ? number : P[I] extends Product<unknown> ? Product<Matrix> : Matrix;
};
type Launchers<R extends Reference> = {
  readonly [K in keyof R]: (...args: Arguments<Parameters<R[K]>, Operand>) => void;
};
/** The rules of a `*.split.ts`, by the names of the kernels: the same arguments, addresses in bytes for arrays. */
type Rules<R extends Reference> = {
  readonly [K in keyof R]?: (...args: Arguments<Parameters<R[K]>, number>) => Division | null;
};

/** Everything that can compute one kernel. */
interface Forms {
  readonly name: string;
  readonly loop: Kernel;
  readonly simd: WasmKernel | null;
  /** The types that `simd` computes. */
  readonly dtypes: readonly DType[];
  readonly split: Split | undefined;
  readonly library: typeof libraryCalls | null;
  /** Whether arrays may hold bits of numbers in 16 bits; other kernels would take them for integers. */
  readonly halves: boolean;
}

/** Kernels of a family that are not for float32 alone. */
export interface KernelKinds<Name> {
  /** They move elements of four bytes without looking at them: their twins in WebAssembly serve int32 as well. */
  readonly moving?: readonly Name[];
  /** Their first array holds integers. */
  readonly integer?: readonly Name[];
  /** Plain loops for every type. */
  readonly plain?: readonly Name[];
  /** They convert numbers from or to 16 bits. */
  readonly halves?: readonly Name[];
}

/** A call of a kernel, as a recorder keeps it. */
export interface KernelCall {
  readonly name: string;
  readonly args: readonly (Operand | number)[];
  /** The same call of other operands, ready to be made any number of times. */
  bind(args: readonly (Operand | number)[]): BoundCall;
}

/** A call of a kernel with its addresses filled in: what a replay repeats. */
export interface BoundCall {
  readonly run: () => void;
  /** The kernel in WebAssembly with its numbers, and how its outputs divide; null where something else computes. */
  readonly divided: { readonly kernel: WasmKernel; readonly division: Division } | null;
}

function launch(forms: Forms, args: (Operand | number)[]): void {
  if (tape !== null) record(forms, args);
  else if (observer === null) run(forms, args);
  else observed("kernel", forms.name, args, () => run(forms, args));
}

function record(forms: Forms, args: (Operand | number)[]): void {
  tape?.kernel({ name: forms.name, args: [...args], bind: (others) => bound(forms, others) });
  unrecorded(() => launch(forms, args));
}

/** Where a call goes. */
function run(forms: Forms, args: (Operand | number)[]): void {
  const { name, loop, split, library } = forms;
  const { dtype } = args[0] as Operand;
  const simd = compiled(forms, dtype);
  if (simd === null) {
    if (!forms.halves) refuseHalves(name, args);
    if (choice === "simd") requireSimd(name, dtype, forms.dtypes);
    finishGathered();
    loop(...elementsOf(args)); // float64, kernels without a twin, and all of them on request
    return;
  }
  const numbers = addressesOf(args, forms);
  const calls = library?.(numbers);
  if (calls)
    runCalls(name, calls); // a large product: the BLAS, where there is one
  else runKernel(name, simd, numbers, split); // WebAssembly, on as many threads as it pays
}

/** Operations widen what they compute with; whoever calls a kernel by another way hears of it, instead of getting wrong numbers. */
function refuseHalves(name: string, args: readonly (Operand | number)[]): void {
  for (const operand of args) {
    if (typeof operand !== "object" || !isHalf(operand.dtype)) continue;
    throw new TypeError(
      `kernels: ${name} of a tensor of ${operand.dtype} — kernels compute in float32 and float64; convert it first: x.to("float32")`,
    );
  }
}

/** The same decisions, made beforehand for a call that will be made many times. */
function bound(forms: Forms, given: readonly (Operand | number)[]): BoundCall {
  const { name, loop, split, library } = forms;
  const args = [...given];
  const simd = compiled(forms, (args[0] as Operand).dtype);
  if (simd === null) {
    const arrays = elementsOf(args);
    const run = () => {
      finishGathered();
      loop(...arrays);
    };
    return { run, divided: null };
  }
  const numbers = addressesOf(args, forms);
  const calls = library?.(numbers);
  if (calls) return { run: () => runCalls(name, calls), divided: null };
  const division = split?.(...numbers) ?? null;
  const run = () => runDivided(name, simd, numbers, division);
  return { run, divided: division && { kernel: simd, division } };
}

/** The kernel in WebAssembly, where it computes this type and is wanted. */
const compiled = ({ simd, dtypes }: Forms, dtype: DType): WasmKernel | null =>
  choice !== "reference" && dtypes.includes(dtype) ? simd : null;

/** What computes: the kernels in WebAssembly, or the plain loops that define them. */
export type KernelChoice = "simd" | "reference";

let choice: KernelChoice = kernelsAreOff() ? "reference" : "simd";

/**
 * Where kernels are missing, all of them or a new one, float32 is refused until someone asks for the plain loops.
 * Otherwise one would train a hundred times more slowly without knowing it.
 */
function requireSimd(name: string, dtype: DType, dtypes: readonly DType[]): void {
  if (heap.wasm === null && dtype === "float32") throw new TypeError(SIMD_REQUIREMENT);
  if (heap.wasm === null || !dtypes.includes(dtype)) return;
  throw new TypeError(
    `kernels: ${name} in ${dtype} is not among those in generated/kernels.ts — they are older than the sources; ` +
      "compile them: npm run build:kernels",
  );
}

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
  noteChange();
}

/** Makes the launchers of a family from its siblings. */
export function kernels<R extends Reference>(
  reference: R,
  rules: Rules<R> = {},
  { moving = [], integer = [], plain = [], halves = [] }: KernelKinds<keyof R> = {},
): Launchers<R> {
  const launchers: Record<string, Kernel> = {};
  for (const [name, loop] of Object.entries(reference)) {
    const split = rules[name] as Split | undefined;
    const dtypes = plain.includes(name)
      ? []
      : integer.includes(name)
        ? INTEGERS
        : moving.includes(name)
          ? MOVED
          : halves.includes(name)
            ? HALVES
            : COMPUTED;
    const simd = heap.wasm?.[name] ?? null;
    const bits = moving.includes(name) || halves.includes(name);
    const forms: Forms = { name, loop, simd, dtypes, split, library: null, halves: bits };
    launchers[name] = name === "gemm" ? productLauncher(forms) : (...args) => launch(forms, args);
  }
  return launchers as Launchers<R>;
}

const COMPUTED: readonly DType[] = ["float32"];
const MOVED: readonly DType[] = ["float32", "int32"];
const HALVES: readonly DType[] = ["float16", "bfloat16", "float32"];
const INTEGERS: readonly DType[] = ["int8", "uint8", "int32"];

/** For `gemm`, whose loop, rule and callers see a description where WebAssembly takes thirteen numbers. */
function productLauncher({ loop, split, ...forms }: Forms): Kernel {
  const rule = split as unknown as ((product: Product<number>) => Division | null) | undefined;
  proveAgainst(loop);
  const gemm: Forms = {
    ...forms,
    loop: (...list) => loop(described(list)),
    split: rule && ((...list) => rule(described(list))),
    library: libraryCalls,
  };
  return (product: Product<Operand>) => launch(gemm, listed(product));
}

// Both overwrite the list: it was made for this one call.

function elementsOf(args: (Operand | number)[]): (TypedArray | number)[] {
  for (let i = 0; i < args.length; i++) {
    const operand = args[i];
    if (typeof operand === "object") (args as unknown[])[i] = operand.elements;
  }
  return args as (TypedArray | number)[];
}

function addressesOf(args: (Operand | number)[], { name, halves }: Forms): number[] {
  for (let i = 0; i < args.length; i++) {
    const operand = args[i];
    if (typeof operand !== "object") continue;
    if (!halves && isHalf(operand.dtype)) refuseHalves(name, args.slice(i));
    args[i] = operand.pointer;
  }
  return args as number[];
}
