import { anyNumbers, type Calls, LINES, numbersIn, type Uniform } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, SELDOM } from "../../../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** Calls of kernels (x, y, outer, n, inner, …settings). */
const lineCalls = (
  numbers: (random: Uniform, n: number) => Float32Array,
  ...settings: readonly (readonly number[])[]
): Calls =>
  function* (random) {
    for (const [outer, n, inner] of [...LINES, [1, 5000, 1], [1, 700, 5]] as const) {
      for (const setting of settings) {
        const x = numbers(random, outer * n * inner);
        yield [x, float32(x.length), outer, n, inner, ...setting];
      }
    }
  };

export const cases: readonly KernelCase[] = [
  ...each("cumsum", 1, "summed in float64, rounded once", lineCalls(numbersIn, [0], [1]), {
    floor: "absolute values",
    undivided: SELDOM,
  }),
  ...each("flip", 0, EXACT, lineCalls(anyNumbers, []), { undivided: SELDOM }),
];
