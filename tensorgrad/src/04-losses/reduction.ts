import { ShapeError, show } from "../00-runtime/index.ts";
import { checking, isTensor, sameShape, type Tensor } from "../01-tensor/index.ts";

/** How one loss per element (or row) becomes one number: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

/** What every loss can be asked: what becomes of the numbers of its elements. */
export interface LossOptions {
  readonly reduction?: Reduction;
}

/** Throws a RangeError for any other word; `further` lists those that the loss knows beside these. */
export function reduceLoss(call: string, losses: Tensor, reduction: Reduction, further = ""): Tensor {
  if (reduction === "mean") return losses.mean();
  if (reduction === "sum") return losses.sum();
  if (reduction === "none") return losses;
  throw new RangeError(
    `${call}: reduction = ${JSON.stringify(reduction)} — "mean", "sum"${further} or "none"`,
  );
}

/** Predictions in 16 bits as float32: a loss is one number, and the last place of a bfloat16 is a hundredth of it. */
export const single = (x: Tensor): Tensor => (x.isHalf ? x.to("float32") : x);

/** Broadcasting predictions against targets would hide a mistake. */
export function requireSameShape(call: string, x: Tensor, y: Tensor): void {
  requireTensors(call, x, y);
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(
      `${call}: predictions ${show(x.shape)}, targets ${show(y.shape)} — shapes must be equal; reshape one of them`,
    );
  }
}

export function requireTensors(call: string, x: Tensor, y: Tensor): void {
  for (const [name, value] of Object.entries({ predictions: x, targets: y })) {
    if (!isTensor(value)) {
      const given = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
      throw new TypeError(`${call}: ${name} are ${given} — expected a tensor; make one with tensor(…)`);
    }
  }
}

/** Every element a probability; NaN is none. */
export function requireProbabilities(call: string, name: string, x: Tensor, remedy: string): void {
  checking([x], ({ data, shape }) => {
    const wrong = data.findIndex((p: number) => !(p >= 0 && p <= 1));
    if (wrong < 0) return;
    throw new RangeError(
      `${call}: ${name} must be from 0 to 1, got ${data[wrong]} at element ${wrong} of ${show(shape)}; ${remedy}`,
    );
  });
}
