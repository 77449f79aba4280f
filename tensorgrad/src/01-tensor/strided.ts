import {
  brand,
  bytesPerElement,
  type DType,
  INSPECT,
  isFloat,
  isHalf,
  type Operand,
  ShapeError,
  Storage,
  show,
  type TypedArray,
} from "../00-runtime/index.ts";
import type { GraphNode } from "./graph-node.ts";
import { format, type NestedNumbers, nest, numbers, type Source } from "./print.ts";
import { noteRead } from "./reads.ts";
import { areContiguous, memoryOrder, type Shape, sizeOf, stridesOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Where the elements of a tensor are: element (i, j, …) is `storage[offset + i·strides[0] + j·strides[1] + …]`. */
export class Layout {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;

  constructor(storage: Storage, shape: Shape, strides: Shape, offset: number) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }
}

/** The part of a tensor that knows memory but no mathematics: shape, strides, elements. */
export abstract class Strided implements Operand {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly strides: Shape;
  /** Position of the first element in the storage. */
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  #contiguous: boolean | null = null;
  #order: readonly number[] | null | undefined;

  constructor({ storage, shape, strides, offset }: Layout) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.size = sizeOf(shape);
  }

  protected abstract make(layout: Layout): Tensor;

  get dtype(): DType {
    return this.storage.dtype;
  }

  get isFloat(): boolean {
    return isFloat(this.storage.dtype);
  }

  /** Whether elements are stored in 16 bits, float16 or bfloat16. */
  get isHalf(): boolean {
    return isHalf(this.storage.dtype);
  }

  /** Number of dims. */
  get rank(): number {
    return this.shape.length;
  }

  /** Address in bytes of the first element on the shared heap; what kernels get. */
  get pointer(): number {
    const { pointer } = this.storage;
    return this.offset === 0 ? pointer : pointer + this.offset * bytesPerElement(this.dtype);
  }

  /** The storage from the first element on: what reference kernels get, together with strides. */
  get elements(): TypedArray {
    this.storage.isShown = true;
    return this.offset === 0 ? this.storage.view : this.storage.view.subarray(this.offset);
  }

  /** Whether the elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    this.#contiguous ??= areContiguous(this.shape, this.strides);
    return this.#contiguous;
  }

  /** Dims of more than one element, outermost in memory first, if the elements lie without gaps in any order; else null. */
  get memoryOrder(): readonly number[] | null {
    if (this.#order === undefined) this.#order = memoryOrder(this.shape, this.strides);
    return this.#order;
  }

  /**
   * The elements in row-major order: a live view of a contiguous tensor, a packed copy of a strided one. Of float16 and bfloat16
   * a copy in float32: write with `assign`.
   */
  get data(): TypedArray {
    noteRead(this, "data");
    if (this.isContiguous()) this.storage.isShown = true;
    return this.#numbers();
  }

  /** The elements as they are stored, in row-major order: of float16 and bfloat16 the bits. What files hold. */
  get bits(): TypedArray {
    noteRead(this, "bits");
    if (this.isContiguous()) this.storage.isShown = true;
    return this.#rowMajor();
  }

  #numbers(): TypedArray {
    return this.storage.numbersOf(this.#rowMajor());
  }

  #rowMajor(): TypedArray {
    const { view } = this.storage;
    if (this.isContiguous()) return view.subarray(this.offset, this.offset + this.size);
    const packed = new (view.constructor as new (n: number) => TypedArray)(this.size);
    this.#gather(packed, 0, this.offset, 0);
    return packed;
  }

  #gather(packed: TypedArray, dim: number, from: number, to: number): number {
    const { view } = this.storage;
    if (dim === this.rank) {
      packed[to] = view[from];
      return to + 1;
    }
    const [n, stride] = [this.shape[dim], this.strides[dim]];
    if (dim === this.rank - 1) {
      for (let i = 0; i < n; i++) packed[to + i] = view[from + i * stride];
      return to + n;
    }
    for (let i = 0; i < n; i++) to = this.#gather(packed, dim + 1, from + i * stride, to);
    return to;
  }

  /** The one element of a tensor that has just one. */
  item(): number {
    noteRead(this, "item()");
    if (this.size === 1) return this.#numbers()[0];
    throw new ShapeError(
      `item: a tensor of shape ${show(this.shape)} has ${this.size} elements — only a single one can be a number; use toArray()`,
    );
  }

  /** The elements as nested lists; a number for a scalar. */
  toArray(): NestedNumbers {
    noteRead(this, "toArray()");
    return nest(this.#numbers(), this.shape);
  }

  /** For people: a model may print what it is given, also while it is exported. */
  toString(): string {
    return this.storage.freed
      ? `tensor(${show(this.shape)} ${this.dtype}, its memory was freed)`
      : format(this.#source);
  }

  /** What console.log shows: shape, dtype, and the numbers from a line of their own on; within other objects no numbers. */
  [INSPECT](depth = 0): string {
    const title = `${this.constructor.name} ${show(this.shape)} ${this.dtype}`;
    if (this.storage.freed) return `${title}, its memory was freed`;
    if (depth < 0) return title;
    const { grad, gradFn, requiresGrad } = this as Partial<GraphNode>;
    const graph = gradFn ? ` = ${gradFn.name}(…)` : requiresGrad ? ", requires grad" : "";
    const separator = this.rank > 1 ? "\n" : " ";
    return `${title}${graph}${grad ? ", has grad" : ""}:${separator}${numbers(this.#source, 0)}`;
  }

  get #source(): Source {
    const { shape, strides, offset, dtype } = this;
    return { view: this.storage.view, shape, strides, offset, dtype };
  }

  /** Gives the memory back now, instead of at the end of the scope or when the collector comes by. Never needed. */
  dispose(): void {
    this.storage.free();
  }

  // How operations allocate: through an instance, so that they know tensors as a type only.

  /** A new contiguous tensor with undefined content. */
  newEmpty(shape: Shape, dtype: DType = this.dtype): Tensor {
    return this.make(emptyLayout(shape, dtype));
  }

  /** A new tensor of this shape with undefined content, in this memory order if there are no gaps, else row-major. */
  newLike(dtype: DType = this.dtype): Tensor {
    const made = this.newEmpty(this.shape, dtype);
    return this.isContiguous() || this.memoryOrder === null
      ? made
      : made.newView(this.shape, this.strides, 0);
  }

  /** A new tensor of this dtype with the given elements. */
  newFrom(values: ArrayLike<number>, shape: Shape, dtype: DType = this.dtype): Tensor {
    const made = this.newEmpty(shape, dtype);
    made.storage.write(values);
    return made;
  }

  /** Another look at the same storage. */
  newView(shape: Shape, strides: Shape, offset: number): Tensor {
    return this.make(new Layout(this.storage, shape, strides, offset));
  }
}

brand(Strided);

export const emptyLayout = (shape: Shape, dtype: DType): Layout =>
  new Layout(new Storage(dtype, sizeOf(shape), shape), shape, stridesOf(shape), 0);
