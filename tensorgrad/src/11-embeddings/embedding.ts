import { checked, ShapeError, show } from "../00-runtime/index.ts";
import { checking, expectTensor, isTensor, type Tensor, zeros } from "../01-tensor/index.ts";
import { init, Module, Parameter } from "../03-layers/index.ts";

/** Options of `embedding`. */
export interface LookupOptions {
  /** The id of a token that only fills up: its row is read like any other, but gets no gradient. */
  readonly paddingIdx?: number | null;
}

export interface EmbeddingOptions extends LookupOptions, init.Draw {}

/**
 * The rows of a table that a tensor of ids names.
 *
 *   y[…, d] = weight[ids[…], d]
 *
 * Shapes    ids int32 of any shape [...], weight [V, D] → y [..., D]
 * Gradient  weight: each row of g added to the row that it came from; an id that occurs twice gets both
 * Cost      one copy of a row for each id; no multiplication by one-hot rows, whose product this is
 * Throws    RangeError for an id outside of the table, with its position; TypeError for ids of another dtype
 * ONNX      Gather
 */
export const embedding = (ids: Tensor, weight: Tensor, options: LookupOptions = {}): Tensor => {
  const { paddingIdx = null } = checked("embedding", options, ["paddingIdx"]);
  if (expectTensor("embedding", weight, "weight").rank !== 2)
    throw new ShapeError(
      `embedding: weight ${show(weight.shape)} — a table has two dims, [vocabSize, embedDim]`,
    );
  checkPadding("embedding", paddingIdx, weight.shape[0]);
  return lookup("embedding", ids, weight, paddingIdx);
};

// exercise: embedding-lookup
function lookup(call: string, ids: Tensor, weight: Tensor, padding: number | null): Tensor {
  checkIds(call, ids, weight.shape[0]);
  const rows = weight.indexSelect(0, ids.reshape(ids.size)); // [N, D]
  const y = rows.reshape([...ids.shape, weight.shape[1]]);
  if (padding === null || !weight.requiresGrad) return y;
  return ids.ne(padding).unsqueeze(-1).where(y, y.detach()); // nothing flows back to the row of the padding
}

/** Kernels look ids up unchecked. */
function checkIds(call: string, ids: Tensor, vocabSize: number): void {
  if (!isTensor(ids))
    throw new TypeError(
      `${call}: ids of type ${typeof ids} — ids are a tensor: tensor([[3, 1]], { dtype: "int32" })`,
    );
  if (ids.dtype !== "int32")
    throw new TypeError(`${call}: ids of dtype ${ids.dtype} — ids are int32; use ids.to("int32")`);
  checking([ids], (ids) => checkNumbers(call, ids, vocabSize));
}

function checkNumbers(call: string, ids: Tensor, vocabSize: number): void {
  const numbers = ids.data;
  let at = 0;
  while (at < numbers.length && numbers[at] >= 0 && numbers[at] < vocabSize) at++;
  if (at === numbers.length) return;
  const position = ids.shape.map((n, d) => {
    const after = ids.shape.slice(d + 1).reduce((size, m) => size * m, 1);
    return Math.floor(at / after) % n;
  });
  const rule = vocabSize === 0 ? "the vocabulary is empty" : `ids go from 0 to ${vocabSize - 1}`;
  throw new RangeError(`${call}: id ${numbers[at]} at ${show(position)} of ids ${show(ids.shape)} — ${rule}`);
}

function checkPadding(call: string, padding: number | null, vocabSize: number): void {
  if (padding === null || (Number.isInteger(padding) && padding >= 0 && padding < vocabSize)) return;
  throw new RangeError(`${call}: paddingIdx ${padding} — an id of the table, from 0 to ${vocabSize - 1}`);
}

/**
 * A vector for every token of a vocabulary, learned.
 *
 *   y = weight[ids]
 *
 * Shapes    ids int32 [...] → y [..., D]; weight [V, D]
 * Start     weight N(0, 1), as in PyTorch; the row of `paddingIdx` is 0, and stays so
 * Memory    V·D parameters, 4 bytes each, and as many bytes for a gradient that is 0 but for the rows that occurred
 * Tied      a head that shares the table is `linear(x, embedding.weight)`: the gradients of both uses add up
 * Throws    RangeError for sizes that are no whole numbers, and for ids that are not in the table
 * ONNX      Gather
 */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly paddingIdx: number | null;

  constructor(vocabSize: number, embedDim: number, given: EmbeddingOptions = {}) {
    const { paddingIdx = null, ...options } = checked("Embedding", given, ["paddingIdx", "random"]);
    super();
    if (![vocabSize, embedDim].every((n) => Number.isInteger(n) && n >= 0))
      throw new RangeError(`Embedding(${vocabSize}, ${embedDim}): sizes must be whole numbers, 0 or more`);
    checkPadding(`Embedding(${vocabSize}, ${embedDim})`, paddingIdx, vocabSize);
    this.paddingIdx = paddingIdx;
    const weight = init.normal(zeros([vocabSize, embedDim]), 0, 1, options);
    if (paddingIdx !== null) init.zeros(weight.select(0, paddingIdx));
    this.weight = new Parameter(weight);
  }

  override forward(ids: Tensor): Tensor {
    return lookup(`Embedding(${this.describe()})`, ids, this.weight, this.paddingIdx);
  }

  protected override describe(): string {
    const [vocabSize, embedDim] = this.weight.shape;
    return `${vocabSize}, ${embedDim}${this.paddingIdx === null ? "" : `, paddingIdx: ${this.paddingIdx}`}`;
  }
}
