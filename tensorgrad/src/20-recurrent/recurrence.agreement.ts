import { anyNumbers, type KernelCall, type Uniform } from "../agreement/calls.ts";
import { EXACT, each, type KernelCase } from "../agreement/case.ts";

/** Calls of holdRows(from, to, lengths, rows, cols, t). */
function* calls(random: Uniform): Iterable<KernelCall> {
  for (const cols of [1, 3, 4, 17]) {
    for (const rows of [0, 1, 9, 40]) {
      const lengths = Int32Array.from({ length: rows }, () => 1 + Math.floor(7 * random()));
      const [from, to] = [anyNumbers(random, rows * cols), anyNumbers(random, rows * cols)];
      for (const t of [0, 3, 7]) yield [from, to.slice(), lengths, rows, cols, t];
    }
  }
}

export const cases: readonly KernelCase[] = each("holdRows", 0, EXACT, calls);
