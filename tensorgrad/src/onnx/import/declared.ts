import { ShapeError, show } from "../../00-runtime/index.ts";
import { type ElementName, elementTypeOf, nameOfCode } from "../format/element-types.ts";
import type { Message } from "../format/schema.ts";
import { isSequence, type Value } from "./values.ts";

/** An input or output as the file declares it; a dim that is known at run time only is a name or null. */
export interface Declared {
  readonly name: string;
  /** Null where the file leaves it open, and for sequences. */
  readonly dtype: ElementName | null;
  readonly shape: readonly (number | string | null)[] | null;
}

export function checkValue(
  { name = "", type }: Message<"ValueInfo">,
  fail: (message: string) => Error,
): Declared {
  const tensor = type?.tensorType;
  if (!tensor) return { name, dtype: null, shape: null };
  const code = tensor.elemType ?? 0;
  const dtype = elementTypeOf(code);
  if (!dtype && code !== 0)
    throw fail(`value "${name}" of ${nameOfCode(code)} — such arrays are not known here`);
  const shape =
    tensor.shape?.dim.map(({ dimValue, dimParam }) =>
      dimValue === undefined ? (dimParam ?? null) : Number(dimValue),
    ) ?? null;
  const negative = shape?.find((n) => typeof n === "number" && n < 0);
  if (negative !== undefined) throw fail(`value "${name}" has a size of ${negative} — sizes are 0 or more`);
  return { name, dtype: dtype ?? null, shape };
}

/** That what is handed over has the declared rank, and the declared sizes where they are numbers. */
export function checkShape({ name, shape }: Declared, value: Value): void {
  if (!shape || !value || isSequence(value)) return;
  const given = value.shape;
  const fits =
    given.length === shape.length && shape.every((n, d) => typeof n !== "number" || n === given[d]);
  if (fits) return;
  const said = `[${shape.map((n) => n ?? "?").join(", ")}]`;
  throw new ShapeError(`importOnnx: input "${name}" is ${show(given)} — the model takes ${said}`);
}
