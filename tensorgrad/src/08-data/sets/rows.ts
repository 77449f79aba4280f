import {
  checked,
  counted,
  type DType,
  defaultRandom,
  Printed,
  type Random,
  ShapeError,
  scope,
  show,
  type TypedArray,
} from "../../00-runtime/index.ts";
import { isTensor, Tensor, zeros } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { checkIndices, type Dataset, type Sample } from "../dataset.ts";
import { type ExampleRandom, exampleRandom } from "../loading/pass.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { type Transform, transformAll } from "../transforms/transform.ts";

/** Numbers, one row per example: a tensor, or what another thread sees of it. */
export interface Rows {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Options of data sets whose examples are rows of a table. */
export interface RowOptions {
  /** Applied to each row of x, which must be an image [C, H, W] of float32. */
  readonly transform?: Transform | undefined;
}

/** Examples that lie in two arrays, one per row: what a TensorDataset is in another thread. */
export class RowDataset<R extends Rows = Rows> extends Printed implements Dataset {
  readonly x: R;
  readonly y: R;
  readonly transform: Transform | undefined;

  constructor(x: R, y: R, options: RowOptions = {}) {
    const { transform } = checked(new.target.name, options, ["transform"]);
    super();
    if (transform && x.dtype !== "float32") {
      throw new TypeError(
        `${new.target.name}: x of dtype ${x.dtype} with a transform — pixels are float32; convert them: x.to("float32")`,
      );
    }
    transform?.outputShape(x.shape.slice(1));
    [this.x, this.y, this.transform] = [x, y, transform];
  }

  get length(): number {
    return this.x.shape[0];
  }

  get randomized(): boolean {
    return this.transform?.randomized ?? false;
  }

  get(i: number, random?: Random): Sample {
    checkIndices(`${this.constructor.name}.get`, [i], this.length);
    const { x, y } = this.batch([i], random && (() => random));
    return { x: x.select(0, 0), y: y.select(0, 0) };
  }

  batch(indices: ArrayLike<number>, random?: ExampleRandom): Batch {
    checkIndices(`${this.constructor.name}.batch`, indices, this.length);
    return { x: this.#transformed(takeRows(this.x, indices), indices, random), y: takeRows(this.y, indices) };
  }

  #transformed(x: Tensor, indices: ArrayLike<number>, random?: ExampleRandom): Tensor {
    const { transform } = this;
    if (!transform) return x;
    using temporaries = scope();
    const shape = x.shape.slice(1);
    const y = temporaries.keep(zeros([x.shape[0], ...transform.outputShape(shape)]));
    const draw = random ?? exampleRandom(this.randomized ? defaultRandom.integer(2 ** 32) : 0, 0);
    transformAll(transform, x.data as Float32Array, shape, y.data as Float32Array, draw, indices);
    return y;
  }

  protected override describe(): string {
    const [x, y] = [this.x, this.y].map(({ shape, dtype }) => `${show(shape)} ${dtype}`);
    return `${counted(this.length, "example")}, x ${x}, y ${y}${this.transform ? `, ${this.transform}` : ""}`;
  }
}

/**
 * Examples that lie in two tensors, one per row.
 *
 * Shapes  x [N, …], y [N, …]
 * Throws  ShapeError if the numbers of rows differ, TypeError for what is no tensor
 */
export class TensorDataset extends RowDataset<Tensor> {
  constructor(x: Tensor, y: Tensor, options: RowOptions = {}) {
    checked("TensorDataset", options, ["transform"]);
    for (const [name, rows] of Object.entries({ x, y })) {
      if (isTensor(rows)) continue;
      const given = Array.isArray(rows) ? "a list" : rows === null ? "null" : typeof rows;
      throw new TypeError(`TensorDataset: ${name} is ${given} — expected a tensor; make one with tensor(…)`);
    }
    if (x.rank === 0 || y.rank === 0 || x.shape[0] !== y.shape[0]) {
      throw new ShapeError(
        `TensorDataset: x ${show(x.shape)} and y ${show(y.shape)} — both need one row per example, dim 0 of equal size`,
      );
    }
    super(packed(x), packed(y), options);
  }

  override get(i: number, random?: Random): Sample {
    if (this.transform) return super.get(i, random);
    checkIndices("TensorDataset.get", [i], this.length);
    return { x: this.x.select(0, i), y: this.y.select(0, i) };
  }

  /** The heap of the tensors is shared memory: another thread reads the same rows, and nothing is copied. */
  recipe(): Recipe {
    checkUnchanged(this, TensorDataset);
    const { transform } = this;
    return { export: "RowDataset", arguments: [visible(this.x), visible(this.y), { transform }] };
  }
}

const visible = ({ data, shape, dtype }: Tensor): Rows => ({
  data: data.buffer instanceof ArrayBuffer ? data.slice() : data,
  shape: [...shape],
  dtype,
});

/** Reading rows of a strided view would pack all of it for every batch: better once. */
const packed = (tensor: Tensor): Tensor => (tensor.isContiguous() ? tensor : tensor.detach().contiguous());

/** Rows of `source`, one after the other: bytes are moved once, straight to where the batch has them. */
function takeRows(source: Rows, indices: ArrayLike<number>): Tensor {
  const shape = [indices.length, ...source.shape.slice(1)];
  const rows = source instanceof Tensor ? source.newEmpty(shape) : zeros(shape, { dtype: source.dtype });
  const size = rows.size / (indices.length || 1);
  const [from, to] = [source.data, rows.data];
  for (let k = 0; k < indices.length; k++) {
    const start = indices[k] * size;
    if (size > SHORT) to.set(from.subarray(start, start + size), k * size);
    else for (let i = 0; i < size; i++) to[k * size + i] = from[start + i];
  }
  return rows;
}

/** Below this many elements a loop beats a `subarray`, which makes an object. */
const SHORT = 16;
