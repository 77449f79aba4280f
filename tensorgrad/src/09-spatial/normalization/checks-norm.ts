import { ShapeError, show } from "../../00-runtime/index.ts";
import { expectTensor, isTensor, sameShape, type Tensor } from "../../01-tensor/index.ts";

/**
 * Settings that normalisations share.
 *
 * Throws    RangeError that names the setting
 */
export function checkNorm(
  call: string,
  settings: { readonly eps: number; readonly momentum?: number | null; readonly channels?: number },
): void {
  const { eps, momentum = null, channels = 1 } = settings;
  if (!Number.isInteger(channels) || channels < 1)
    throw new RangeError(`${call}: ${channels} channels — must be a whole number, 1 or more`);
  if (momentum !== null && !(momentum >= 0 && momentum <= 1))
    throw new RangeError(
      `${call}: momentum = ${momentum} — a number from 0 to 1, or null for a plain average`,
    );
  if (!(eps >= 0 && eps < Infinity))
    throw new RangeError(`${call}: eps = ${eps} — a number ≥ 0, such as 1e-5`);
}

/**
 * An input [N, C, …], and operands with a number for each of its channels, or null.
 *
 * Throws    ShapeError for ranks and sizes; TypeError for what is no tensor, or of another dtype
 */
export function checkNormOperands(
  call: string,
  x: Tensor,
  operands: Readonly<Record<string, Tensor | null>>,
): void {
  expectTensor(call, x);
  if (x.rank < 2) throw new ShapeError(`${call}: expected input [N, C, …], got ${show(x.shape)}`);
  const { dtype } = x.asFloat();
  for (const [name, operand] of Object.entries(operands)) {
    if (!operand) continue;
    if (!isTensor(operand)) throw new TypeError(`${call}: ${name} is ${typeof operand} — a tensor, or null`);
    if (!sameShape(operand.shape, [x.shape[1]]))
      throw new ShapeError(
        `${call}: ${name} ${show(operand.shape)} for input ${show(x.shape)} — one number per channel, [${x.shape[1]}]`,
      );
    if (operand.dtype !== dtype)
      throw new TypeError(
        `${call}: input ${x.dtype}, ${name} ${operand.dtype} — both must be the same; use x.to("${operand.dtype}")`,
      );
  }
}
