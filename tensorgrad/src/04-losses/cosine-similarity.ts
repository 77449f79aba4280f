import { checked } from "../00-runtime/index.ts";
import { broadcastShapes, normalDim, type Tensor } from "../01-tensor/index.ts";
import { Loss } from "./loss.ts";
import { requireTensors } from "./reduction.ts";

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Along which the vectors lie. */
  readonly dim?: number;
  /** What each length counts at least. */
  readonly eps?: number;
}

/**
 * The cosine of the angle between vectors: 1 if they point in one direction, −1 in opposite ones, 0 at a right angle.
 *
 *   y = Σ x₁·x₂/(max(‖x₁‖, ε)·max(‖x₂‖, ε))
 *
 * As a loss, 1 − y: the larger it is, the less alike the vectors are.
 *
 * Shapes    x₁ and x₂ broadcast → their shape without the dim
 * Gradient  x₁: (x̂₂ − y·x̂₁)/‖x₁‖ with x̂ = x/‖x‖
 * Throws    ShapeError if shapes do not broadcast; RangeError if eps is negative or no number
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  const call = "cosineSimilarity";
  const { dim = 1, eps = 1e-8 } = checked(call, options, ["dim", "eps"]);
  requireTensors(call, x1, x2);
  if (!(eps >= 0)) throw new RangeError(`${call}: eps = ${eps} — a number, 0 or more`);
  const shape = broadcastShapes(call, x1.shape, x2.shape);
  const d = normalDim(call, dim, shape);
  const [a, b] = [x1, x2].map((x) => x.expand(shape).normalize({ dim: d, eps }));
  return a.mul(b).sum(d);
}

/** `cosineSimilarity` as an object. */
export class CosineSimilarity extends Loss<CosineSimilarityOptions> {
  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options);
  }
}
