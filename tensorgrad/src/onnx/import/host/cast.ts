import { type ElementName, newData, rounded } from "../../format/element-types.ts";
import type { HostArray } from "../../format/tensor-proto.ts";
import { isFloating, isWide } from "../values.ts";

/** The same numbers in another type, as C converts them: fractions are cut off, whole numbers wrap. */
export function castHost({ dtype: from, shape, data }: HostArray, dtype: ElementName): HostArray {
  if (from === dtype) return { dtype, shape, data };
  const cast = newData(dtype, data.length) as unknown[];
  const convert = converter(from, dtype);
  for (let i = 0; i < data.length; i++) cast[i] = convert(data[i]);
  return { dtype, shape, data: cast as unknown as HostArray["data"] };
}

type Element = number | bigint | string;

function converter(from: ElementName, to: ElementName): (x: Element) => Element | boolean {
  if (to === "string") return (x) => (isFloating(from) ? shortest(Number(x), from) : String(x));
  const read = from === "string" ? fromText : (x: Element) => x;
  if (to === "bool") return (x) => Number(read(x)) !== 0;
  if (isWide(to)) return (x) => whole(read(x));
  if (isWide(from))
    return isFloating(to) ? (x) => rounded(to, Number(x)) : (x) => Number(BigInt.asIntN(32, x as bigint));
  return (x) => rounded(to, Number(read(x)));
}

const whole = (x: Element): bigint => {
  if (typeof x === "bigint") return x;
  const cut = Math.trunc(Number(x));
  return Number.isFinite(cut) ? BigInt(cut) : 0n;
};

function fromText(x: Element): number {
  const text = String(x).trim();
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  const value = Number(text);
  if (text !== "" && (Number.isFinite(value) || /^[+-]?nan$/i.test(text))) return value;
  throw new TypeError(`the string ${JSON.stringify(x)} — only numbers, inf and nan are cast`);
}

/** The fewest digits that give the number back, as numpy prints a float32. */
function shortest(x: number, from: ElementName): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "INF" : "-INF";
  if (from === "float64") return String(x);
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(x.toPrecision(digits));
    if (Math.fround(text) === x) return String(text);
  }
  return String(x);
}
