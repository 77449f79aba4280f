import { expectArgument } from "../00-runtime/checked.ts";
import {
  heapBase,
  type KernelLevel,
  kernelLevel,
  loadKernels,
  SIMD_REQUIREMENT,
  scratchBytes,
  type WasmKernel,
} from "../00-runtime/wasm.ts";
import type { KernelArray, KernelCall, Uniform } from "./calls.ts";
import type { KernelCase } from "./case.ts";
import { REFERENCES } from "./cases.ts";
import { ulpError } from "./ulp.ts";

export interface KernelReport {
  readonly name: string;
  readonly calls: number;
  /** Elements compared, inputs included: they must come back unchanged. */
  readonly elements: number;
  readonly maxUlp: number;
  readonly ulps: number;
  /** The worst element, described. */
  readonly worst: string;
}

/** What is compared with the reference in float64: a build of the kernels, or the reference itself in float32. */
export type Implementation = KernelLevel | "reference";

/** Runs all calls of a case on both implementations. */
export function runKernelCase(
  kernelCase: KernelCase,
  random: Uniform,
  implementation: Implementation = kernelLevel() ?? "reference",
): KernelReport {
  expectArgument(
    typeof kernelCase?.calls === "function",
    "runKernelCase",
    "case",
    kernelCase,
    "one of kernelCases()",
  );
  const { name, ulps, floor, calls, scratch } = kernelCase;
  const arena = implementation === "reference" ? null : new Arena(implementation);
  let [count, elements, maxUlp, worst] = [0, 0, 0, ""];
  for (const call of calls(random)) {
    const truth = referenceResults(name, call);
    const least =
      typeof floor === "function" ? floor(call) : Number(floor === "absolute values" ? 0 : (floor ?? 0));
    const scale = floor === "absolute values" ? referenceResults(name, call.map(absolute)) : null;
    const results = arena
      ? arena.run(name, call, count % 4)
      : copiesAfter(name, call, (array) => array.slice());
    results.forEach((result, i) => {
      if (i === scratch) return;
      for (let j = 0; j < result.length; j++) {
        const error = compare(result[j], truth[i][j], scale ? scale[i][j] : least);
        if (error <= maxUlp) continue;
        maxUlp = error;
        worst = `${describe(name, call)}, array ${i}[${j}]: ${result[j]} instead of ${truth[i][j]}`;
      }
      elements += result.length;
    });
    count++;
  }
  return { name, calls: count, elements, maxUlp, ulps, worst };
}

function compare(got: number, truth: number, floor: number): number {
  if (truth === 0 && got === 0 && floor === 0 && !Object.is(got, truth)) return Infinity;
  return ulpError(got, truth, floor);
}

const isArray = (argument: KernelArray | number): argument is KernelArray => typeof argument !== "number";

function absolute<T extends KernelArray | number>(argument: T): T {
  if (argument instanceof Float32Array) return argument.map(Math.abs) as T;
  return typeof argument === "number" ? (Math.abs(argument) as T) : argument;
}

/** Runs the reference on copies, float32 widened to float64, and returns all arrays as it left them. */
function referenceResults(name: string, call: KernelCall): Copy[] {
  return copiesAfter(name, call, (array) =>
    array instanceof Float32Array ? Float64Array.from(array) : array.slice(),
  );
}

type Copy = KernelArray | Float64Array;

/** Runs the reference on copies of its arrays and returns them. */
function copiesAfter(name: string, call: KernelCall, copy: (array: KernelArray) => Copy): Copy[] {
  const copies = call.map((argument) => (isArray(argument) ? copy(argument) : argument));
  REFERENCES[name](...(copies as never[]));
  return copies.filter((one) => typeof one !== "number");
}

function describe(name: string, call: KernelCall): string {
  const list = call.map((argument) => (isArray(argument) ? `[${argument.length}]` : argument));
  return `${name}(${list.join(", ")})`;
}

const GUARD = 64; // bytes around each array that a kernel must not touch
const GUARD_BYTE = 0xa5;

/** Memory of its own for one build of the kernels, so that no tensor is near. */
export class Arena {
  readonly #memory = new WebAssembly.Memory({ initial: 256, maximum: 65_536, shared: true });
  readonly #kernels: Record<string, WasmKernel>;

  constructor(level = kernelLevel()) {
    const kernels = loadKernels(this.#memory, heapBase, level);
    if (!kernels) throw new Error(SIMD_REQUIREMENT);
    this.#kernels = kernels;
  }

  has(name: string): boolean {
    return name in this.#kernels;
  }

  /**
   * Runs a kernel with its arrays `offset` elements off the 64-byte grid; returns the arrays as it left them. `parts` may
   * divide the call into several.
   */
  run(
    name: string,
    call: KernelCall,
    offset: number,
    parts: (args: number[]) => number[][] = (args) => [args],
  ): KernelArray[] {
    let end = heapBase + scratchBytes;
    const views: KernelArray[] = [];
    const args = call.map((argument) => {
      if (!isArray(argument)) return argument;
      const address = Math.ceil((end + GUARD) / 64) * 64 + offset * argument.BYTES_PER_ELEMENT;
      views.push(this.#place(argument, address));
      end = address + argument.byteLength;
      return address;
    });
    for (const part of parts(args)) this.#kernels[name](...part);
    for (const view of views) this.#checkGuards(name, call, view);
    return views.map((view) => view.slice());
  }

  #place(array: KernelArray, address: number): KernelArray {
    const needed = address + array.byteLength + GUARD - this.#memory.buffer.byteLength;
    if (needed > 0) this.#memory.grow(Math.ceil(needed / 65_536));
    const bytes = new Uint8Array(this.#memory.buffer, address - GUARD, array.byteLength + 2 * GUARD);
    bytes.fill(GUARD_BYTE);
    const source = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(source, GUARD);
    const View = array.constructor as new (
      buffer: ArrayBufferLike,
      at: number,
      length: number,
    ) => KernelArray;
    return new View(this.#memory.buffer, address, array.length);
  }

  #checkGuards(name: string, call: KernelCall, view: KernelArray): void {
    for (const start of [view.byteOffset - GUARD, view.byteOffset + view.byteLength]) {
      const guard = new Uint8Array(this.#memory.buffer, start, GUARD);
      // The next array may begin within the guard behind this one; its own guard in front was written later.
      if (guard.some((byte) => byte !== GUARD_BYTE)) {
        throw new Error(`${describe(name, call)}: wrote outside of its arrays`);
      }
    }
  }
}
