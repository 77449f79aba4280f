import { divide, FLOAT, HEAVY, type Split } from "../00-runtime/split.ts";

export const dropoutMask: Split = (y, n, p, keyLow, keyHigh, counterLow, counterHigh) =>
  divide(n, HEAVY, (first, length) => {
    const low = counterLow + first / 4; // the grain is a multiple of a block's four words
    const carry = Math.floor(low / 2 ** 32);
    return [y + FLOAT * first, length, p, keyLow, keyHigh, low % 2 ** 32, counterHigh + carry];
  });
