import { expectArgument, isList, ShapeError, show } from "../00-runtime/index.ts";
import { expectTensor, type Shape, sameShape, sizeOf, type Tensor } from "../01-tensor/index.ts";

// What layer normalisation and its relatives share: the last dims of x are one row each.

/** How many rows the last `rank` dims make, and how long they are. */
export function rowsOf(x: Tensor, rank: number): [rows: number, cols: number] {
  const cols = sizeOf(x.shape.slice(x.rank - rank));
  return [cols === 0 ? 0 : x.size / cols, cols];
}

export function checkSettings(call: string, shape: Shape, eps: number): void {
  expectArgument(isList(shape), call, "shape", shape, "a list of sizes, such as [8]");
  if (shape.length === 0 || !shape.every((n) => Number.isInteger(n) && n >= 1))
    throw new ShapeError(
      `${call}: shape ${show(shape)} — the sizes of the last dims of x, at least one, each ≥ 1`,
    );
  if (!(eps >= 0 && eps < Infinity))
    throw new RangeError(`${call}: eps = ${eps} — a number ≥ 0, such as 1e-5`);
}

function endsIn(shape: Shape, last: Shape): boolean {
  const lead = shape.length - last.length;
  for (let d = 0; d < last.length; d++) if (shape[lead + d] !== last[d]) return false;
  return lead >= 0;
}

/** The other operands have one number per element of a row. */
export function checkOperands(
  call: string,
  x: Tensor,
  shape: Shape,
  operands: Readonly<Record<string, Tensor | null>>,
): void {
  if (!endsIn(expectTensor(call, x).shape, shape)) {
    throw new ShapeError(`${call}: expected input [..., ${shape.join(", ")}], got ${show(x.shape)}`);
  }
  const { dtype } = x.asFloat();
  for (const name in operands) {
    const operand = operands[name];
    if (operand && !sameShape(operand.shape, shape))
      throw new ShapeError(
        `${call}: ${name} ${show(operand.shape)} for input ${show(x.shape)} — one number per element of a row, ${show(shape)}`,
      );
    if (operand && operand.dtype !== dtype)
      throw new TypeError(
        `${call}: input ${x.dtype}, ${name} ${operand.dtype} — both must be the same; use x.to("${operand.dtype}")`,
      );
  }
}
