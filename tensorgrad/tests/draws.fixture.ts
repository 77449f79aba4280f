/**
 * How many draws a long test makes: the first number in the nightly run (`VERIFY_DEPTH=full`), the second in `npm test`.
 * The law is the same; a night only looks at more of its cases.
 */
export const draws = (night: number, day: number): number =>
  process.env.VERIFY_DEPTH === "full" ? night : day;
