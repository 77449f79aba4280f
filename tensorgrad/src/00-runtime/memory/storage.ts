import { bytesPerElement, type DType, type TypedArray, viewOf } from "../dtype.ts";
import { DisposedError, show } from "../errors.ts";
import { decode, encode, isHalf } from "../half.ts";
import { counted, INSPECT } from "../printed.ts";
import { tape } from "../tape.ts";
import { type Arena, currentArena, give } from "./arena.ts";
import { unwatch } from "./garbage.ts";
import { heap } from "./heap.ts";

/**
 * A block of the tensor heap. Tensors that are views of each other share one storage; nobody counts how many.
 */
export class Storage {
  readonly dtype: DType;
  /** Elements, not bytes. */
  readonly size: number;
  /** What frees it, `null` for the collector; undefined only while it is being made. */
  owner: Arena | null | undefined;
  /** How often the elements were changed in place: what was saved of them earlier is then no longer true. */
  version = 0;
  /** A live view of the elements was handed out: who holds it may change them, and no version tells. */
  isShown = false;
  /** The block itself, apart from this object so that the collector's callback can free it. */
  readonly block: Block;
  #shape: readonly number[];
  #refusal: (() => Error) | null = null;
  #recover: (() => void) | null = null;
  #view: TypedArray | null = null;

  /** `part` says where it lies inside of another storage, from which byte on; else it gets a block of its own. */
  constructor(dtype: DType, size: number, shape: readonly number[], part: Part | null = null) {
    this.dtype = dtype;
    this.size = size;
    this.#shape = shape;
    const bytes = size * bytesPerElement(dtype);
    this.block = part
      ? new Block(part.of.pointer + part.from, 0, part.of)
      : new Block(heap.allocate(bytes, dtype, shape), bytes);
    give(this, currentArena());
    tape?.made(this);
  }

  /** Whether its memory was given back: then nothing may read it. */
  get freed(): boolean {
    return this.block.pointer === 0 && this.#recover === null;
  }

  /** Address in bytes on the shared heap. */
  get pointer(): number {
    if (this.block.pointer === 0 || this.#refusal) this.#makeReadable();
    return this.block.pointer;
  }

  /** All elements as a typed array over the heap: numbers, or the bits of those in 16 bits. */
  get view(): TypedArray {
    if (this.block.pointer === 0 || this.#refusal) this.#makeReadable();
    if (tape !== null) tape.touched(this, null);
    this.#view ??= viewOf(this.dtype, heap.memory.buffer, this.block.pointer, this.size);
    return this.#view;
  }

  /** Writes numbers from element `at` on, rounded to what the dtype holds. */
  write(values: ArrayLike<number>, at = 0): void {
    if (isHalf(this.dtype)) encode(values, this.dtype, this.view as Uint16Array, at);
    else this.view.set(values, at);
  }

  /** The numbers of these elements: the elements themselves, or those in 16 bits as float32. */
  numbersOf(elements: TypedArray): TypedArray {
    if (!isHalf(this.dtype)) return elements;
    const numbers = new Float32Array(elements.length);
    decode(elements as Uint16Array, this.dtype, numbers);
    return numbers;
  }

  /**
   * Notes how the elements can be computed again, by writing to `view`: then `rest` gives the memory back until somebody
   * reads them.
   */
  recoverable(recover: () => void): void {
    this.#recover ??= recover;
  }

  /** Gives the memory back if the elements can be computed again. */
  rest(): void {
    if (this.#recover === null || this.block.pointer === 0) return;
    this.#view = null;
    this.block.free();
  }

  /** Until the end of the block, whoever asks for the elements gets this error. */
  refuse(error: () => Error): Disposable {
    const before = this.#refusal;
    this.#refusal = error;
    return {
      [Symbol.dispose]: () => {
        this.#refusal = before;
      },
    };
  }

  /** Gives the memory back; views of it throw from now on. */
  free(): void {
    if (this.freed) return;
    if (this.owner === null) unwatch(this);
    this.#view = null;
    this.#recover = null;
    this.block.free();
  }

  #makeReadable(): void {
    const recover = this.#recover;
    if (recover === null || this.#refusal) throw this.#unreadable();
    this.block.pointer = heap.allocate(this.block.bytes, this.dtype, this.#shape);
    try {
      recover();
    } catch (error) {
      this.rest(); // what lies there is nobody's numbers
      throw error;
    }
  }

  [INSPECT](): string {
    return `Storage(${this.dtype}, ${counted(this.size, "element")}${this.freed ? ", freed" : ""})`;
  }

  #unreadable(): Error {
    if (!this.freed && this.#refusal) return this.#refusal();
    const overlap = this.owner?.waited
      ? "; that scope was open while its function waited at an await: if another function made the tensor then, open a scope there, too"
      : "";
    return new DisposedError(
      `tensor ${this.dtype} ${show(this.#shape)}: its memory was freed — a tensor lives as long as the scope it was made in; ` +
        `let it out with step.keep(tensor), or read its numbers before the scope ends${overlap}`,
    );
  }
}

/** A place inside of a storage. */
export interface Part {
  readonly of: Storage;
  /** In bytes. */
  readonly from: number;
}

class Block {
  pointer: number;
  /** What the collector's heap is relieved of; 0 for a part, which keeps the storage around it alive and has no memory of its own. */
  readonly bytes: number;
  readonly around: Storage | null;

  constructor(pointer: number, bytes: number, around: Storage | null = null) {
    this.pointer = pointer;
    this.bytes = bytes;
    this.around = around;
  }

  free(): void {
    if (this.pointer && this.around === null) heap.free(this.pointer);
    this.pointer = 0;
  }
}
