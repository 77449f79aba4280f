import { checked, kernels, ShapeError } from "../00-runtime/index.ts";
import { Function, type Gradient, int64s, node, type OnnxNode, type Tensor } from "../01-tensor/index.ts";
import { Module } from "../03-layers/index.ts";
import { checkPositions, checkSizes, frequency, type PositionOptions, PositionTable } from "./angles.ts";
import { asHeads, newAsHeads } from "./heads.ts";
import * as reference from "./rotary.reference.ts";
import * as split from "./rotary.split.ts";

const kernel = kernels(reference, split);

/**
 * The halves of each row as pairs, each turned by the angle of its position.
 *
 *   y[i] = x[i]·cos − x[i + D/2]·sin
 *   y[i + D/2] = x[i + D/2]·cos + x[i]·sin
 *
 * Shapes    x [..., T, D], table [T, D]: cosines, then sines → y as x, in x's order in memory
 * Gradient  x: g turned back
 * ONNX      products and sums of slices
 */
export class Rotate extends Function {
  #table!: Tensor;
  readonly sense: 1 | -1;
  constructor(sense: 1 | -1 = 1) {
    super();
    this.sense = sense;
  }
  forward(x: Tensor, table: Tensor): Tensor {
    this.#table = table;
    const from = asHeads(x);
    const y = newAsHeads(from, from.shape);
    const [outer, heads, rows, width] = from.shape;
    const [xOuter, xHead, xRow] = from.strides;
    const [yOuter, yHead, yRow] = y.strides;
    const sizes = [outer, heads, rows, width / 2, xOuter, xHead, xRow, yOuter, yHead, yRow] as const;
    kernel.rotary(from, table, y, ...sizes, this.sense);
    return y.reshape(x.shape);
  }
  backward(g: Tensor): Gradient[] {
    return [() => new Rotate(this.sense === 1 ? -1 : 1).apply(g, this.#table), null];
  }
  override onnx() {
    const half = (this.#table.shape.at(-1) as number) / 2;
    const part = (of: number, start: number) =>
      node("Slice", {}, [of, int64s(start), int64s(start + half), int64s(-1)]);
    const [a, b, cos, sin] = [part(0, 0), part(0, half), part(1, 0), part(1, half)];
    const times = (x: OnnxNode, y: OnnxNode) => node("Mul", {}, [x, y]);
    const [plus, minus] = this.sense === 1 ? ["Add", "Sub"] : ["Sub", "Add"];
    const first = node(minus, {}, [times(a, cos), times(b, sin)]);
    return node("Concat", { axis: -1 }, [first, node(plus, {}, [times(b, cos), times(a, sin)])]);
  }
}

/** Options of `RotaryEmbedding`. */
export interface RotaryOptions {
  /** Pair i of D/2 turns by base^(−2i/D) radians a position. */
  readonly base?: number;
  /** Positions beyond are refused; without it there is no end, and the table of angles grows as needed. */
  readonly maxSeqLen?: number;
}

/**
 * Rotary positions: turns queries and keys by angles that grow with the position. A product of two turned vectors depends on
 * the distance between their positions only.
 *
 *   (R_s q)·(R_t k) = q·(R_{t−s} k)
 *
 * Shapes    x [..., T, D] → the same; D even. Pairs are (i, i + D/2), "half-split", as in GPT-NeoX and LLaMA
 * Gradient  x: g turned back
 * Memory    no parameters; a table of T·D numbers
 * Throws    RangeError for an odd D, and for positions beyond maxSeqLen; ShapeError for another width
 * Source    Su et al. 2021, RoFormer
 */
export class RotaryEmbedding extends Module {
  readonly headDim: number;
  readonly base: number;
  readonly maxSeqLen: number;
  readonly #table: PositionTable;

  constructor(headDim: number, options: RotaryOptions = {}) {
    const { base = 10_000, maxSeqLen = Infinity } = checked("RotaryEmbedding", options, [
      "base",
      "maxSeqLen",
    ]);
    super();
    checkSizes(`RotaryEmbedding(${headDim})`, { headDim, maxSeqLen }, base);
    if (headDim % 2 !== 0)
      throw new ShapeError(
        `RotaryEmbedding(${headDim}): an odd width — dims are turned in pairs; use an even one`,
      );
    [this.headDim, this.base, this.maxSeqLen] = [headDim, base, maxSeqLen];
    this.#table = new PositionTable(headDim, (position, row) => {
      const half = headDim / 2;
      for (let i = 0; i < half; i++) {
        const angle = position * frequency(base, i, headDim);
        [row[i], row[i + half]] = [Math.cos(angle), Math.sin(angle)];
      }
    });
  }

  override forward(x: Tensor, options: PositionOptions = {}): Tensor {
    const { offset = 0 } = checked("RotaryEmbedding.forward", options, ["offset"]);
    checkPositions(`RotaryEmbedding(${this.headDim})`, x, this.headDim, offset, this.maxSeqLen);
    const floats = x.asFloat();
    return new Rotate().apply(floats, this.#table.rows(offset, x.shape.at(-2) as number, floats.dtype));
  }

  protected override describe(): string {
    const end = this.maxSeqLen === Infinity ? "" : `, maxSeqLen: ${this.maxSeqLen}`;
    return `${this.headDim}, base: ${this.base}${end}`;
  }
}
