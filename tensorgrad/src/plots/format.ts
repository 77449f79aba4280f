/** 10,000 */
export const count = (n: number) => n.toLocaleString("en-US");

/** A share from 0 to 1 as 97.92 % */
export const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
