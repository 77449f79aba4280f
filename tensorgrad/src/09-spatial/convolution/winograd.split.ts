import { divide, HEAVY, type Split, splitPieces } from "../../00-runtime/split.ts";

export const winogradImages = splitPieces;
export const winogradSums = splitPieces;

/** By rows of the planes. */
export const winogradFilters: Split = (w, u, first, count, ...rest) =>
  divide(count, 4 * rest[1] * HEAVY, (r, n) => [w, u, first + r, n, ...rest], 1);

/** By input channels. */
export const winogradFilterGradient: Split = (sums, dw, first, count, ...rest) =>
  divide(count, 4 * rest[2] * HEAVY, (c, n) => [sums, dw, first + c, n, ...rest], 1);
