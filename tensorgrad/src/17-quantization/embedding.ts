import { expectTensor, type Tensor } from "../01-tensor/index.ts";
import { Module } from "../03-layers/index.ts";
import { type Embedding, embedding } from "../11-embeddings/index.ts";
import { quantizedWeights } from "./weights.ts";

/**
 * A table of vectors as integers of 8 bits, for inference: a row is looked up and scaled.
 *
 *   y[…, d] = weight[ids[…], d]·scale[ids[…]]
 *
 * Shapes    ids int32 [...] → y [..., D]; weight [V, D] int8, scale [V]
 * Memory    D + 4 bytes for a token, where float32 takes 4·D
 * Throws    RangeError for an id outside of the table; RangeError for weights that are not finite
 * ONNX      Gather, Cast, Mul
 */
export class QuantizedEmbedding extends Module {
  /** int8 [V, D] */
  readonly weight: Tensor;
  readonly scale: Tensor;

  constructor(layer: Pick<Embedding, "weight">) {
    super();
    const weight = expectTensor("QuantizedEmbedding", layer?.weight, "weight");
    const [V, D] = weight.shape;
    const { weight: q, scale } = quantizedWeights(`QuantizedEmbedding(${V}, ${D})`, weight);
    [this.weight, this.scale] = [q, scale];
  }

  override forward(ids: Tensor): Tensor {
    const scale = embedding(ids, this.scale.unsqueeze(1)); // [..., 1]
    return embedding(ids, this.weight).to(scale.dtype).mul(scale);
  }

  protected override describe(): string {
    return this.weight.shape.join(", ");
  }
}
