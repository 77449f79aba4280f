import { type KernelCall, LENGTHS, type Uniform } from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

function* dropoutCalls(random: Uniform): Iterable<KernelCall> {
  const word = () => Math.floor(random() * 2 ** 32);
  for (const n of [...LENGTHS, 1000]) yield [float32(n), n, random(), word(), word(), word(), word()];
  yield [float32(100), 100, 0, 1, 2, 3, 4];
  yield [float32(100), 100, 1, 1, 2, 3, 4];
  yield [float32(100), 100, 0.5, 1, 2, 2 ** 32 - 3, 7]; // the lower word of the counter overflows
}

export const cases: readonly KernelCase[] = [
  ...each("dropoutMask", 0.5, "the mask is exact, 1/(1 − p) rounded", dropoutCalls),
];
