import { divide, type Split } from "../00-runtime/split.ts";

/** Nanoseconds to copy a byte, and to begin with another run of them. */
const [BYTE, RUN] = [0.05, 8];

export const bytePatches: Split = (x, y, ...sizes) => {
  const [first, count] = sizes.slice(-2);
  const [, , C, K, L] = sizes;
  const bytes = K * L * C;
  return divide(
    count,
    bytes * BYTE + K * RUN,
    (row, length) => [x, y + row * bytes, ...sizes.slice(0, -2), first + row, length],
    1,
  );
};
