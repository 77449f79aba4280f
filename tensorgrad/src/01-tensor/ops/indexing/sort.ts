import { checked, kernels, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { linesOf } from "../../lines.ts";
import { int64s, node } from "../../onnx-words.ts";
import { normalDim } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import type { Found } from "../reduce/extreme.ts";
import { Gather } from "./gather.ts";
import * as reference from "./sort.reference.ts";

const kernel = kernels(reference);

/**
 * The positions of the `count` smallest (largest) elements along a dim, in sorted order. Equal elements keep their
 * order, and NaN is larger than every number. Nothing flows back: values are gathered, and their gradient returns that way.
 *
 * ONNX      TopK's second output
 */
export class ArgSort extends Function {
  #indices!: Tensor;
  readonly dim: number;
  readonly count: number;
  readonly descending: boolean;
  constructor(dim: number, count: number, descending: boolean) {
    super();
    [this.dim, this.count, this.descending] = [dim, count, descending];
  }
  forward(x: Tensor): Tensor {
    const { dim, count, descending } = this;
    const [outer, n, inner] = linesOf(x.shape, dim);
    const y = x.newEmpty(x.rank === 0 ? [] : x.shape.with(dim, count), "int32");
    const places = x.newEmpty([4 * n], "int32");
    const sorts = count <= 256 && count * 8 <= n ? kernel.topk : kernel.argsort;
    sorts(x.contiguous(), places, y, outer, n, inner, count, Number(descending));
    places.dispose();
    this.#indices = y;
    return y;
  }
  backward(): Gradient[] {
    return [null];
  }
  override onnx() {
    const { dim, count, descending } = this;
    const attributes = { axis: dim, largest: Number(descending), sorted: 1 };
    return node("Cast", { to: 6 }, [{ ...node("TopK", attributes, [0, int64s(count)]), output: 1 }]);
  }
  override signature() {
    return this.#indices.data;
  }
}

export interface SortOptions {
  readonly descending?: boolean;
}

export interface TopKOptions {
  /** false: the smallest elements instead. */
  readonly largest?: boolean;
}

/** All elements along a dim in order, and where each was. */
export const sort = (x: Tensor, dim: number, options: SortOptions): Found =>
  ordered("sort", x, dim, descends("sort", options));

export const argsort = (x: Tensor, dim: number, options: SortOptions): Tensor =>
  ordered("argsort", x, dim, descends("argsort", options)).indices;

const descends = (call: string, options: SortOptions): boolean =>
  checked(call, options, ["descending"]).descending ?? false;

/** The k largest (or smallest) elements along a dim, best first, and where each was. */
export function topk(x: Tensor, k: number, dim: number, options: TopKOptions): Found {
  const { largest = true } = checked("topk", options, ["largest"]);
  const n = x.shape[normalDim("topk", dim, x.shape)] ?? 1;
  if (Number.isInteger(k) && k >= 0 && k <= n) return ordered("topk", x, dim, largest, k);
  throw new RangeError(
    `topk: k = ${k} along dim ${dim} of a tensor of shape ${show(x.shape)} — k goes from 0 to ${n}`,
  );
}

function ordered(call: string, x: Tensor, dim: number, descending: boolean, k?: number): Found {
  const d = normalDim(call, dim, x.shape);
  const indices = new ArgSort(d, k ?? x.shape[d] ?? 1, descending).apply(x);
  return { values: new Gather(d).apply(x, indices), indices };
}
