import { differences } from "tensorgrad";

/** A curve t ↦ ⟨v, f(x + t·u)⟩ together with its slope at 0, computed with dual numbers: no differences involved. */
export interface KnownCurve {
  curve: (t: number) => differences.Sample;
  slope: number;
}

type Rng = () => number;

/** mulberry32: enough for test data, and independent of the code under test. */
export function seeded(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Counts alarms on curves whose slope is right, skipped kinks, and the median of what was allowed relative to the slope. */
export function campaign(runs: number, seed: number, draw: (rng: Rng) => KnownCurve) {
  const rng = seeded(seed);
  const resolution: number[] = [];
  let [alarms, kinks, evaluations] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const { curve, slope } = draw(rng);
    const verdict = differences.agrees(curve, slope);
    evaluations += verdict.evaluations / runs;
    if (verdict.kink) kinks++;
    else if (!verdict.agrees) alarms++;
    resolution.push(verdict.allowed / Math.max(Math.abs(slope), 1e-3));
  }
  resolution.sort((a, b) => a - b);
  return { alarms, kinks, evaluations, median: resolution[runs >> 1] };
}

/** Whether tanh's gradient, wrong by a factor 1 + delta, is noticed in one of four random directions on eight elements. */
export function planted(rng: Rng, delta: number): boolean {
  const x = Array.from({ length: 8 }, () => 4 * rng() - 2);
  return [0, 1, 2, 3].some(() => {
    const [u, v] = [direction(rng, 8), direction(rng, 8)];
    const curve = (t: number) =>
      dot(
        v,
        x.map((xi, i) => Math.tanh(xi + t * u[i])),
      );
    const slope = dot(
      v,
      x.map((xi, i) => (1 - Math.tanh(xi) ** 2) * (1 + delta) * u[i]),
    );
    return !differences.agrees(curve, slope).agrees;
  });
}

/** A random program of 5 to 15 operations with fan-out, on four numbers in [-2, 2]. */
export function randomCurve(rng: Rng): KnownCurve {
  const n = 4;
  const x = Array.from({ length: n }, () => 4 * rng() - 2);
  const u = direction(rng, n);
  const program = Array.from({ length: 5 + Math.floor(11 * rng()) }, () => [rng(), rng(), rng()] as const);
  const run = (t: number) => {
    const values: Dual[] = x.map((xi, i) => [xi + t * u[i], u[i]]);
    for (const [op, a, b] of program) {
      const [left, right] = [pick(values, a), pick(values, b)];
      values.push(OPERATIONS[Math.floor(op * OPERATIONS.length)](left, right));
    }
    return values.slice(-3).reduce(add);
  };
  return { curve: (t) => ({ value: run(t)[0], branch: 0 }), slope: run(0)[1] };
}

/** A random program whose result is the small difference of large numbers: between 3 and 9 digits cancel. */
export function hiddenCancellation(rng: Rng): KnownCurve {
  const inner = randomCurve(rng);
  const big = 10 ** (3 + 6 * rng());
  return {
    curve: (t) => ({ value: inner.curve(t).value + big - big, branch: 0 }),
    slope: inner.slope,
  };
}

/** Two layers of sixteen units; the branch is a hash of which units are on. */
export function randomReluNet(rng: Rng): KnownCurve {
  const matrix = () => Array.from({ length: 16 }, () => direction(rng, 16).map((w) => w / 2));
  const [w1, w2, v] = [matrix(), matrix(), direction(rng, 16)];
  const x = direction(rng, 16);
  const u = direction(rng, 16);
  const run = (t: number) => {
    let hash = 0;
    const layer = (w: number[][], input: Dual[]): Dual[] =>
      w.map((row) => {
        const sum = row.map((wi, i): Dual => [wi * input[i][0], wi * input[i][1]]).reduce(add);
        hash = (Math.imul(hash, 31) + (sum[0] > 0 ? 1 : 2)) | 0;
        return sum[0] > 0 ? sum : [0, 0];
      });
    const hidden = layer(
      w2,
      layer(
        w1,
        x.map((xi, i): Dual => [xi + t * u[i], u[i]]),
      ),
    );
    return {
      output: hidden.map(([a, b], i): Dual => [v[i] * a, v[i] * b]).reduce(add),
      hash,
    };
  };
  return {
    curve: (t) => {
      const { output, hash } = run(t);
      return { value: output[0], branch: hash };
    },
    slope: run(0).output[1],
  };
}

/** [value, derivative]. */
type Dual = [number, number];

const add = (a: Dual, b: Dual): Dual => [a[0] + b[0], a[1] + b[1]];
const OPERATIONS: ((a: Dual, b: Dual) => Dual)[] = [
  add,
  (a, b) => [a[0] - b[0], a[1] - b[1]],
  (a, b) => [a[0] * b[0], a[1] * b[0] + a[0] * b[1]],
  (a, b) => {
    const d = 1 + b[0] * b[0];
    return [a[0] / d, a[1] / d - (a[0] * 2 * b[0] * b[1]) / (d * d)];
  },
  (a) => [Math.tanh(a[0]), a[1] * (1 - Math.tanh(a[0]) ** 2)],
  (a) => [Math.sin(a[0]), a[1] * Math.cos(a[0])],
  (a) => [Math.exp(-a[0] * a[0]), -2 * a[0] * a[1] * Math.exp(-a[0] * a[0])],
  (a) => [Math.log(1 + a[0] * a[0]), (2 * a[0] * a[1]) / (1 + a[0] * a[0])],
  (a) => [Math.sqrt(1 + a[0] * a[0]), (a[0] * a[1]) / Math.sqrt(1 + a[0] * a[0])],
];

function pick<T>(list: readonly T[], fraction: number): T {
  return list[Math.floor(fraction * list.length)];
}

/** Entries of ±[0.5, 1]: no element of the input goes unprobed. */
function direction(rng: Rng, n: number): number[] {
  return Array.from({ length: n }, () => (0.5 + rng() / 2) * (rng() < 0.5 ? -1 : 1));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, ai, i) => sum + ai * b[i], 0);
}
