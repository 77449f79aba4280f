/** What anyone writes first: plain loops over typed arrays and `Math.*`. */
import type { Elementwise, Work } from "../cases.ts";
import { serve, type Workload } from "../serve.ts";
import { floats } from "./inputs.ts";

/** The triple loop in its textbook order. */
function multiply(a: Float32Array, b: Float32Array, c: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < n; p++) sum += a[i * n + p] * b[p * n + j];
      c[i * n + j] = sum;
    }
  }
}

/** `Math` has none: Abramowitz & Stegun 7.1.26, within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const y = 1 - series * Math.exp(-x * x);
  return x < 0 ? -y : y;
}

type Loop = (a: Float32Array, b: Float32Array, y: Float32Array) => void;

/** One loop each, written out: a shared loop that calls back would measure the calls. */
const loops: Readonly<Record<Elementwise, Loop>> = {
  copy: (a, _, y) => y.set(a),
  add: (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i] + b[i];
  },
  mul: (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i] * b[i];
  },
  relu: (a, _, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i] > 0 ? a[i] : 0;
  },
  sum: (a, _, y) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i];
    y[0] = sum;
  },
  exp: (a, _, y) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.exp(a[i]);
  },
  tanh: (a, _, y) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.tanh(a[i]);
  },
  gelu: (a, _, y) => {
    for (let i = 0; i < y.length; i++) y[i] = 0.5 * a[i] * (1 + erf(a[i] / Math.SQRT2));
  },
  geluTanh: (a, _, y) => {
    for (let i = 0; i < y.length; i++) {
      const x = a[i];
      y[i] = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
  },
  sigmoid: (a, _, y) => {
    for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-a[i]));
  },
};

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind === "gemm" && work.layout === "NN") {
    const n = work.size;
    const [a, b, c] = [floats(n * n, 1), floats(n * n, 2), new Float32Array(n * n)];
    return times(repeat, () => multiply(a, b, c, n));
  }
  if (work.kind !== "elementwise") return null;
  const [a, b, y] = [floats(work.size, 1), floats(work.size, 2), new Float32Array(work.size)];
  const loop = loops[work.op];
  return times(repeat, () => loop(a, b, y));
}

const times = (repeat: number, call: () => void): Workload => ({
  run: () => {
    for (let i = 0; i < repeat; i++) call();
  },
});

await serve("plain TypeScript loops", prepare);
