/** An address can be typed by hand: what it says is taken only where it means something. */

export const clamp = (x: number, least: number, most: number): number => Math.min(most, Math.max(least, x));

/** A whole number within limits. */
export const whole = (x: number, least: number, most: number): number => clamp(Math.round(x), least, most);

/** One of a list; the first where it is none of them. */
export const oneOf = <T extends string>(list: readonly T[], given: string): T =>
  list.find((one) => one === given) ?? list[0];

/** One of an object's keys; the first where it is none of them. */
export const keyOf = <T extends string>(options: Readonly<Record<T, unknown>>, given: string): T =>
  oneOf(Object.keys(options) as T[], given);
