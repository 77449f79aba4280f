/** Numbers as a page shows them: few digits, a real minus sign, powers of ten where zeros would be counted. */
export function shown(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text = size !== 0 && (size >= 1e6 || size < 1e-4) ? x.toExponential(digits - 1) : plain(x, digits);
  return text.replaceAll("-", "−");
}

/** A negative number inside a sum. */
export const bracketed = (x: number): string => (x < 0 ? `(${shown(x)})` : shown(x));

/** At most so many significant digits, without zeros at the end: 0.5, 12.35, 1235. */
function plain(x: number, digits: number): string {
  const whole = Math.trunc(Math.abs(x)).toString().length;
  return Math.abs(x) >= 10 ** digits
    ? String(Math.round(x))
    : String(Number(x.toPrecision(Math.max(digits, whole))));
}

/** 1536 → "1.5 kB"; 1 kB are 1000 bytes. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), units.length - 1);
  return `${shown(count / 1000 ** power, 3)} ${units[power]}`;
}

/** What was typed, as a number; `null` if it is none. Takes the minus sign of `shown`, too. */
export function numberFrom(text: string): number | null {
  const x = Number(text.trim().replace("−", "-"));
  return text.trim() === "" || !Number.isFinite(x) ? null : x;
}

/** 10,000 */
export const count = (n: number): string => n.toLocaleString("en-US");

/** 0.9731 → "97.3 %" */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
