import { checked } from "../00-runtime/index.ts";
import { type Tensor, zeros } from "../01-tensor/index.ts";
import { init, Module, Parameter } from "../03-layers/index.ts";
import {
  checkPositions,
  checkSizes,
  frequency,
  type Offset,
  type PositionOptions,
  PositionTable,
  rowsAt,
} from "./angles.ts";

export interface PositionalEncodingOptions extends init.Draw {
  /** A trained row for each position in place of sines. */
  readonly learned?: boolean;
  /** The slowest sine has a wave of about 2π·base positions. */
  readonly base?: number;
  /** Deviation of the first values of learned rows. */
  readonly std?: number;
}

/**
 * Adds to every vector what tells its position; attention alone does not see any order.
 *
 *   y[t] = x[t] + p[offset + t],   p[t, 2i] = sin(t·ω), p[t, 2i + 1] = cos(t·ω), ω = base^(−2i/D)
 *
 * With `{ learned: true }` p is a parameter [maxSeqLen, D]. Sines have no parameters, and are the same at every training; a
 * learned table knows nothing of positions it has not been trained on.
 *
 * Shapes    x [..., T, D] → the same, T + offset ≤ maxSeqLen
 * Gradient  x: g; learned rows: Σ g over the batch
 * Memory    maxSeqLen·D parameters if learned, else none
 * Throws    ShapeError for another width; RangeError for positions beyond maxSeqLen
 * Source    Vaswani et al. 2017, Attention is all you need
 */
export class PositionalEncoding extends Module {
  readonly maxSeqLen: number;
  readonly embedDim: number;
  /** The learned rows; null for sines. */
  readonly weight: Parameter | null;
  readonly #sines: PositionTable;

  constructor(maxSeqLen: number, embedDim: number, given: PositionalEncodingOptions = {}) {
    const {
      learned = false,
      base = 10_000,
      std = 0.02,
      ...options
    } = checked("PositionalEncoding", given, ["random", "learned", "base", "std"]);
    super();
    checkSizes(`PositionalEncoding(${maxSeqLen}, ${embedDim})`, { maxSeqLen, embedDim }, base);
    [this.maxSeqLen, this.embedDim] = [maxSeqLen, embedDim];
    this.weight = learned ? new Parameter(init.normal(zeros([maxSeqLen, embedDim]), 0, std, options)) : null;
    this.#sines = new PositionTable(embedDim, (position, row) => sines(position, row, base));
  }

  // exercise: positions-find-offset
  override forward(x: Tensor, options: PositionOptions = {}): Tensor {
    const { offset = 0 } = checked("PositionalEncoding.forward", options, ["offset"]);
    checkPositions(
      `PositionalEncoding(${this.maxSeqLen}, ${this.embedDim})`,
      x,
      this.embedDim,
      offset,
      this.maxSeqLen,
    );
    return x.add(this.rows(offset, x.shape.at(-2) as number, x));
  }

  /** p of `count` positions, in x's dtype: [count, D]. */
  private rows(offset: Offset, count: number, x: Tensor): Tensor {
    if (this.weight) return rowsAt(this.weight, offset, count);
    const { dtype } = x.asFloat();
    return this.#sines.rows(offset, count, dtype).to(dtype);
  }

  protected override describe(): string {
    return `${this.maxSeqLen}, ${this.embedDim}${this.weight ? ", learned: true" : ""}`;
  }
}

/** Sine and cosine in turn; pairs turn more slowly the further right they stand. */
function sines(position: number, row: Float64Array, base: number): void {
  for (let d = 0; d < row.length; d++) {
    const angle = position * frequency(base, d >> 1, row.length);
    row[d] = d % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  }
}

/**
 * How fast each head forgets with distance, by ALiBi: 2^(−8/H), 2^(−16/H), … 2^(−8) for H heads, a power of two. Other counts
 * take every second slope of twice as many heads for those that are left over.
 *
 * Source    Press, Smith & Lewis 2022, Train short, test long
 */
export function alibiSlopes(numHeads: number): number[] {
  checkSizes("alibiSlopes", { numHeads }, 1);
  const power = 2 ** Math.floor(Math.log2(numHeads));
  const slopes = (n: number) => Array.from({ length: n }, (_, h) => 2 ** ((-8 * (h + 1)) / n));
  const between = slopes(2 * power).filter((_, h) => h % 2 === 0);
  return [...slopes(power), ...between.slice(0, numHeads - power)];
}

/**
 * ALiBi as a mask that attention adds to its scores: −slope·distance. The last query stands at the last key.
 *
 *   bias[h, i, j] = −slope[h]·|i + S − T − j|
 *
 * Shapes    → float32 [H, T, S]
 */
export function alibiBias(numHeads: number, queries: number, keys: number = queries): Tensor {
  checkSizes(`alibiBias(${[numHeads, queries, keys].join(", ")})`, { queries, keys }, 1);
  const bias = zeros([numHeads, queries, keys]);
  alibiSlopes(numHeads).forEach((slope, h) => {
    for (let i = 0; i < queries; i++)
      for (let j = 0; j < keys; j++)
        bias.storage.view[(h * queries + i) * keys + j] = 0 - slope * Math.abs(i + keys - queries - j);
  });
  return bias;
}
