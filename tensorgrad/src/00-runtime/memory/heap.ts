import { type DType, dtypeCode, dtypeFromCode } from "../dtype.ts";
import { HeapError, show, showBytes } from "../errors.ts";
import { heapBase, loadKernels, scratchBytes } from "../wasm.ts";
import { collect } from "./collector.ts";
import { isShared, PAGE, reserveMemory } from "./memory.ts";
import { SizeClasses } from "./size-classes.ts";

/**
 * The memory of all tensors: one shared `WebAssembly.Memory`, so that every kernel and every worker
 * sees them without a copy.
 *
 * Memory is counted in granules of 64 bytes (a cache line, and the alignment of every block). Each block starts with
 * one granule of header, and blocks lie end to end. So a freed block finds its neighbours and merges with them, and
 * fragmentation stays bounded. The heap report is a walk over the headers.
 */
const GRANULE = 64;
// The last page below 4 GiB stays unused: the end of an array must have an address, too.
const MAX_BYTES = 65_535 * PAGE;
const GROWTH = 64 * PAGE; // grow by at least 4 MiB, so that growing stays rare

// Words of a header. NEXT and PREVIOUS link free blocks of one size class. A block may be one granule larger
// than WANTED, where the rest would have been too small for a block; `live` counts what was wanted.
const [SIZE, BEFORE, FREE, NEXT, PREVIOUS, WANTED, DTYPE, RANK, DIMS] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const WORDS = GRANULE / 4;
const MAX_DIMS = WORDS - DIMS;

/** One live block, as `heap.report()` lists it. */
export interface Allocation {
  readonly bytes: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

class Heap {
  readonly memory: WebAssembly.Memory;
  /** Kernels in WebAssembly by name, or null where there are none. */
  readonly wasm: ReturnType<typeof loadKernels>;
  /** Bytes the heap may grow to, at most 4 GiB. Lower it to find out what a program really needs. */
  limit: number;
  #words: Int32Array;
  #free = new SizeClasses();
  #end: number; // first granule past the last block
  #last = 0; // the last block, 0 when there is none
  #first: number;
  #live = 0;
  #peak = 0;
  #blocks = 0;
  #granted = Infinity; // bytes at which the runtime refused to let the heap grow further

  constructor() {
    const start = Math.ceil((heapBase + scratchBytes) / PAGE) + 1;
    const { memory, pages } = reserveMemory(start);
    this.memory = memory;
    this.limit = Math.min(pages * PAGE, MAX_BYTES);
    this.wasm = loadKernels(this.memory, heapBase);
    this.#words = new Int32Array(this.memory.buffer);
    this.#first = this.#end = Math.ceil((heapBase + scratchBytes) / GRANULE);
  }

  /** Whether workers can see the memory; without that there is one thread, with the same results. */
  get shared(): boolean {
    return isShared(this.memory);
  }

  /** Bytes in use by tensors: a training step leaves this number as it found it. */
  get live(): number {
    return this.#live * GRANULE;
  }

  /** The most bytes ever in use at once, since the start or the last `resetPeak()`. */
  get peak(): number {
    return this.#peak * GRANULE;
  }

  resetPeak(): void {
    this.#peak = this.#live;
  }

  /** Reserves `bytes` and returns their address, 64-byte aligned. The content is undefined. */
  allocate(bytes: number, dtype: DType, shape: readonly number[]): number {
    const size = Math.ceil(bytes / GRANULE) + 1;
    // Size classes count in 32 bits, so what is larger than all of the heap must not be looked for.
    const block = (size < this.#end && this.#take(size)) || this.#extend(size, dtype, shape);
    const base = block * WORDS;
    this.#words[base + FREE] = 0;
    this.#words[base + WANTED] = size;
    this.#words[base + DTYPE] = dtypeCode(dtype);
    this.#words[base + RANK] = shape.length;
    for (let i = 0; i < shape.length && i < MAX_DIMS; i++) this.#words[base + DIMS + i] = shape[i];
    this.#live += size;
    if (this.#live > this.#peak) this.#peak = this.#live;
    this.#blocks++;
    return (block + 1) * GRANULE;
  }

  /** Memory that is no tensor's and never given back, such as a thread's scratch area; nothing counts it. */
  reserve(bytes: number): number {
    const [live, peak] = [this.#live, this.#peak];
    const pointer = this.allocate(bytes, "uint8", [bytes]);
    this.#set(pointer / GRANULE - 1, WANTED, 0); // no tensor's block is empty
    [this.#live, this.#peak] = [live, peak];
    this.#blocks--;
    return pointer;
  }

  /** Gives a block back; it merges with free neighbours. */
  free(pointer: number): void {
    let block = pointer / GRANULE - 1;
    let size = this.#get(block, SIZE);
    this.#live -= this.#get(block, WANTED);
    this.#blocks--;
    const after = block + size;
    if (after < this.#end && this.#get(after, FREE)) {
      this.#unlink(after);
      size += this.#get(after, SIZE);
    }
    const before = block - this.#get(block, BEFORE);
    if (before !== block && this.#get(before, FREE)) {
      this.#unlink(before);
      size += this.#get(before, SIZE);
      block = before;
    }
    this.#place(block, size);
    this.#link(block);
  }

  /** What is live: bytes, number of tensors, and the largest of them. */
  report(largest = 5): {
    bytes: number;
    tensors: number;
    largest: Allocation[];
  } {
    const live: Allocation[] = [];
    for (let block = this.#first; block < this.#end; block += this.#get(block, SIZE)) {
      if (!this.#get(block, FREE) && this.#get(block, WANTED)) live.push(this.#describe(block));
    }
    live.sort((a, b) => b.bytes - a.bytes);
    return {
      bytes: this.live,
      tensors: this.#blocks,
      largest: live.slice(0, largest),
    };
  }

  #describe(block: number): Allocation {
    const dims = block * WORDS + DIMS;
    const rank = Math.min(this.#get(block, RANK), MAX_DIMS);
    return {
      bytes: this.#get(block, WANTED) * GRANULE,
      dtype: dtypeFromCode(this.#get(block, DTYPE)),
      shape: [...this.#words.subarray(dims, dims + rank)],
    };
  }

  /** A free block of at least `size`, cut to size, or 0. */
  #take(size: number): number {
    const block = this.#free.find(size);
    if (block === 0) return 0;
    this.#unlink(block);
    const rest = this.#get(block, SIZE) - size;
    if (rest > 1) {
      this.#place(block, size);
      this.#place(block + size, rest);
      this.#link(block + size);
    }
    return block;
  }

  /** A new block at the end, growing the memory where needed. */
  #extend(size: number, dtype: DType, shape: readonly number[]): number {
    // A free block at the very end is too small by itself, but it need not be left behind.
    const tail = this.#last !== 0 && this.#get(this.#last, FREE) === 1;
    const block = tail ? this.#last : this.#end;
    if (!this.#fits((block + size) * GRANULE)) {
      collect(); // tensors that nobody holds come back with the next turn of the event loop
      throw this.#exhausted(size, dtype, shape);
    }
    if (tail) this.#unlink(block);
    else this.#set(block, BEFORE, this.#last && block - this.#last);
    this.#end = block + size;
    this.#last = block;
    this.#set(block, SIZE, size);
    return block;
  }

  #fits(bytes: number): boolean {
    this.#granted = Infinity;
    if (bytes > this.limit) return false;
    const have = this.memory.buffer.byteLength;
    if (bytes <= have) return true;
    const generous = Math.min(Math.max(bytes, have + Math.max(GROWTH, have >>> 3)), this.limit);
    if (this.#grow(generous - have) || this.#grow(bytes - have)) return true;
    this.#granted = have;
    return false;
  }

  #grow(bytes: number): boolean {
    try {
      this.memory.grow(Math.ceil(bytes / PAGE));
    } catch {
      return false;
    }
    this.#words = new Int32Array(this.memory.buffer);
    return true;
  }

  #exhausted(size: number, dtype: DType, shape: readonly number[]): HeapError {
    const { bytes, tensors, largest } = this.report(Infinity);
    const most = Math.min(this.limit, this.#granted);
    const rule = most < this.limit ? "the runtime grants the heap no more than" : "the heap holds at most";
    const list = alike(largest).slice(0, 5).join(", ");
    return new HeapError(
      `heap: ${showBytes(size * GRANULE)} wanted for ${dtype} ${show(shape)}, ${showBytes(bytes)} live in ${tensors} tensors, ` +
        `the largest ${list || "none"} — ${rule} ${showBytes(most)}; free each step's tensors with ` +
        "`using step = scope()`, let the event loop turn so that dead tensors are collected, or use a smaller batch",
    );
  }

  /** Writes a block's size and tells its right neighbour. */
  #place(block: number, size: number): void {
    this.#set(block, SIZE, size);
    if (block + size < this.#end) this.#set(block + size, BEFORE, size);
    else this.#last = block;
  }

  #link(block: number): void {
    const next = this.#free.push(block, this.#get(block, SIZE));
    this.#set(block, FREE, 1);
    this.#set(block, NEXT, next);
    this.#set(block, PREVIOUS, 0);
    if (next) this.#set(next, PREVIOUS, block);
  }

  #unlink(block: number): void {
    const [next, previous] = [this.#get(block, NEXT), this.#get(block, PREVIOUS)];
    this.#set(block, FREE, 0);
    if (next) this.#set(next, PREVIOUS, previous);
    if (previous) this.#set(previous, NEXT, next);
    else this.#free.replaceHead(this.#get(block, SIZE), next);
  }

  #get(block: number, word: number): number {
    return this.#words[block * WORDS + word];
  }

  #set(block: number, word: number, value: number): void {
    this.#words[block * WORDS + word] = value;
  }
}

/** `3 × float32 [2048, 1024] (8.0 MB each)`: blocks of one type and shape in one line, in the order of the first. */
function alike(allocations: readonly Allocation[]): string[] {
  const groups = new Map<string, { count: number; bytes: number }>();
  for (const { bytes, dtype, shape } of allocations) {
    const what = `${dtype} ${show(shape)}`;
    const group = groups.get(what) ?? { count: 0, bytes };
    groups.set(what, { count: group.count + 1, bytes });
  }
  return [...groups].map(([what, { count, bytes }]) =>
    count === 1 ? `${what} (${showBytes(bytes)})` : `${count} × ${what} (${showBytes(bytes)} each)`,
  );
}

/** The one heap of this process. */
export const heap = new Heap();
