import { ShapeError, show } from "../00-runtime/index.ts";
import { sameShape, type Tensor } from "../01-tensor/index.ts";
import { Sequential } from "./sequential.ts";

/**
 * Layers that add to their input instead of replacing it: they learn what has to change.
 *
 *   y = x + f(x), f the layers one after the other
 *
 * Shapes    x any → the same; f must keep the shape
 * Gradient  g + f′(x)ᵀ·g: the g by itself reaches every layer below undiminished, however deep the stack
 * Throws    ShapeError if f changes the shape: broadcasting here would hide a mistake
 * Source    He et al. 2016, Deep residual learning for image recognition
 */
export class Residual extends Sequential {
  // exercise: layers-residual
  override forward(x: Tensor): Tensor {
    const change = super.forward(x);
    if (!sameShape(change.shape, x.shape)) {
      throw new ShapeError(
        `Residual: input ${show(x.shape)}, after its layers ${show(change.shape)} — x + f(x) needs equal shapes; ` +
          `end with a layer that leads back to ${show(x.shape)}`,
      );
    }
    return x.add(change);
  }
}
