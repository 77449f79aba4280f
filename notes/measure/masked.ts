import { randn, scope, type Tensor } from "tensorgrad";
import { logSoftmax, sigmoid, silu, softmax, softplus } from "tensorgrad/nn";
import { useThreads } from "tensorgrad/runtime";
import { cpuTimes } from "../lib/cpu-time.ts";

/**
 * Exponentials of rows half of which are −∞, as a causal mask leaves them, beside ordinary rows: nanoseconds of CPU time per
 * element, one thread, in turns. What vanishes must not be slow. Prints one JSON object.
 */
useThreads(1);
const SHAPE = [512, 128];
const TIMES = 6;
const ROUNDS = 25;

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  softmax: (x) => softmax(x, 1),
  logSoftmax: (x) => logSoftmax(x, 1),
  exp: (x) => x.exp(),
  sigmoid,
  silu,
  softplus: (x) => softplus(x),
};
const plain = randn(SHAPE);
const masked = plain.clone();
for (let i = 0; i < masked.size; i += 2) masked.data[i] = Number.NEGATIVE_INFINITY;

const programs: Record<string, () => void> = {};
for (const [name, call] of Object.entries(functions)) {
  for (const [rows, x] of Object.entries({ plain, masked }))
    programs[`${name} ${rows}`] = () => {
      using _ = scope();
      for (let i = 0; i < TIMES; i++) call(x);
    };
}
const best = cpuTimes(programs, ROUNDS);
const nanoseconds = (name: string) => (1e3 * best[name]) / TIMES / plain.size;
const rows = Object.keys(functions).map((name) => {
  const [ordinary, hidden] = [nanoseconds(`${name} plain`), nanoseconds(`${name} masked`)];
  return { name, plain: ordinary, masked: hidden, ratio: hidden / ordinary };
});
console.log(
  JSON.stringify({
    shape: SHAPE,
    rounds: ROUNDS,
    functions: rows,
    worst: Math.max(...rows.map(({ ratio }) => ratio)),
  }),
);
