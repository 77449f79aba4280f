import { expectArgument } from "../00-runtime/index.ts";
/** 10,000 */
export function count(n: number): string {
  expectArgument(typeof n === "number", "count", "n", n, "a number");
  return n.toLocaleString("en-US");
}

/** A share from 0 to 1 as 97.92 % */
export const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

const THOUSANDS = ["", "k", "M", "G"] as const;

/** A number at an axis: 0.45, 20, 1.2k, 3M. Below one no prefix is taken: 450m would be read as millions. */
export function shortNumber(value: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3 + 1e-9)));
  return `${Number((value / 1000 ** power).toPrecision(3))}${THOUSANDS[power]}`;
}
