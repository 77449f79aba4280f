import { HeapError, showBytes } from "../errors.ts";

/** The memory of all tensors, and how many pages of 64 KiB it may come to. */
export interface TensorMemory {
  readonly memory: WebAssembly.Memory;
  readonly pages: number;
}

export const PAGE = 65_536;
/** 4 GiB: all that 32-bit addresses reach. */
const MOST = 65_536;
/**
 * 1 GiB, for a memory that is taken as a whole: address space, of which only what is touched becomes real.
 */
const WHOLE = 16_384;
/** 64 MiB: with less, no model worth the name would fit. */
const LEAST = 1024;

/**
 * Shared memory, of the largest maximum that the runtime grants (some refuse 4 GiB). It does not need a cross-origin
 * isolated page, other than sending it to workers. Where there is none at all, an unshared memory is taken. It would
 * move when it grows, and every view of it would be lost. So it has its full size from the start.
 */
export function reserveMemory(initial: number): TensorMemory {
  if (typeof WebAssembly === "undefined")
    throw new TypeError(
      "heap: this runtime has no WebAssembly — tensors live in its memory; use Node 20 or later, or a browser where it is switched on",
    );
  const granted =
    largest(MOST, (maximum) => new WebAssembly.Memory({ initial, maximum, shared: true }), isShared) ??
    largest(WHOLE, (pages) => new WebAssembly.Memory({ initial: pages, maximum: pages }));
  if (granted) return granted;
  throw new HeapError(
    `heap: the runtime refuses WebAssembly a memory of ${showBytes(LEAST * PAGE)} — tensors need at least that; ` +
      "raise the limit on this process's memory (ulimit -v, a container's limit)",
  );
}

/** Whether threads may see it. Old runtimes ignore the wish for shared memory. */
export const isShared = ({ buffer }: WebAssembly.Memory): boolean =>
  String(buffer[Symbol.toStringTag]) === "SharedArrayBuffer";

function largest(
  most: number,
  make: (pages: number) => WebAssembly.Memory,
  accept: (memory: WebAssembly.Memory) => boolean = () => true,
): TensorMemory | null {
  for (let pages = most; pages >= LEAST; pages /= 2) {
    try {
      const memory = make(pages);
      if (accept(memory)) return { memory, pages };
    } catch {
      // Refused: RangeError for the size, TypeError where memory cannot be shared.
    }
  }
  return null;
}
