import { ShapeError, show } from "../00-runtime/index.ts";
import { sameShape, type Tensor } from "../01-tensor/index.ts";
import { type Reduction, reduceLoss } from "./reduction.ts";

/**
 * Mean squared error.
 *
 *   loss = mean (x − y)²
 *
 * Shapes    x and y of one shape → a scalar
 * Throws    ShapeError if the shapes differ: broadcasting here would hide a mistake
 */
export function mse(
  x: Tensor,
  y: Tensor,
  { reduction = "mean" }: { readonly reduction?: Reduction } = {},
): Tensor {
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(
      `mse: predictions ${show(x.shape)}, targets ${show(y.shape)} — shapes must be equal; reshape one of them`,
    );
  }
  return reduceLoss(x.sub(y).square(), reduction);
}

/** `mse` as an object. */
export class MSELoss {
  readonly reduction: Reduction;

  constructor({ reduction = "mean" }: { readonly reduction?: Reduction } = {}) {
    this.reduction = reduction;
  }

  forward(x: Tensor, y: Tensor): Tensor {
    return mse(x, y, { reduction: this.reduction });
  }
}
