import {
  anyNumbers,
  type Calls,
  everyBinade,
  gradientCalls,
  type KernelCall,
  LENGTHS,
  type Uniform,
} from "../agreement/calls.ts";
import { each, FITTED, type KernelCase, ROUNDED } from "../agreement/case.ts";

const float32 = (n: number) => new Float32Array(n);

/** Calls of kernels (x, y, n). */
function* lineCalls(random: Uniform): Iterable<KernelCall> {
  for (const n of LENGTHS) yield [anyNumbers(random, n), float32(n), n];
  const x = everyBinade(random, 100);
  yield [x, float32(x.length), x.length];
}

/** The same calls for each list of settings, which come last. */
const withSettings = (make: Calls, ...settings: readonly (readonly number[])[]): Calls =>
  function* (random) {
    for (const setting of settings) for (const call of make(random)) yield [...call, ...setting];
  };

export const cases: readonly KernelCase[] = [
  ...each("leakyRelu", 0.5, ROUNDED, withSettings(lineCalls, [0.01171875], [0], [-2])),
  ...each("leakyReluGrad", 0.5, ROUNDED, withSettings(gradientCalls, [0.01171875], [0], [-2])),
  ...each("elu", 2.5, `${FITTED}; then a product`, withSettings(lineCalls, [1], [0.7109375], [-2])),
  ...each(
    "eluGrad",
    2.5,
    `${FITTED}; then two products`,
    withSettings(gradientCalls, [1], [0.7109375], [-2]),
  ),
  // Where β is no power of two, z = βx rounds, and e^z errs by |z| times as much.
  ...each(
    "softplus",
    4.5,
    "six roundings after the exponential",
    withSettings(lineCalls, [1, 20], [2, Infinity], [0.5, 3]),
  ),
  ...each(
    "softplusGrad",
    3,
    `${FITTED}; then a product`,
    withSettings(gradientCalls, [1, 20], [2, Infinity]),
  ),
  ...each("reluSquared", 0.5, ROUNDED, lineCalls),
  ...each("reluSquaredGrad", 0.5, ROUNDED, gradientCalls),
];
