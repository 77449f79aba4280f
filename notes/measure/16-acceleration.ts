import { randn, scope, type Tensor } from "tensorgrad";
import { Linear, softmax } from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { useBlas, useThreads } from "tensorgrad/runtime";
import { readLog } from "../lib/logs.ts";
import { compared, report } from "../lib/measure.ts";

/**
 * Note 16: where operations lie under the roof: what they compute per byte, and how fast. One thread, own kernels.
 * Run after `ladder` and `tiles`, whose logs it compares. Bytes are those that must be read and written at least once.
 */
useBlas("off");
useThreads(1);

interface Tiles {
  fused: { shape: string; unroll1: number; unroll4: number }[];
}
interface Ladder {
  bySize: { n: number; naive: number | null; relaxed: number | null }[];
}

interface Point {
  name: string;
  flops: number;
  bytes: number;
  run: () => void;
}

const inScope = (make: () => Tensor) => () => {
  using _ = scope();
  make();
};

const N = 2 ** 22; // 16 MB per tensor: beyond the caches
const [x, y] = [randn([N]), randn([N])];
const rows = randn([4096, 1024]);
const matrix = randn([2048, 2048]);
const vector = randn([2048]);

/** One step over a million weights: reads w, g and two moments, writes three of them; about 12 operations each. */
function adamStep(): Point {
  const layer = new Linear(1024, 1024, { bias: false });
  const [w] = layer.parameters();
  w.grad = randn(w.shape);
  const optimizer = new AdamW([w], { lr: 1e-3 });
  return { name: "AdamW", flops: 12 * w.size, bytes: 28 * w.size, run: () => optimizer.step() };
}

const product = (n: number): Point => {
  const [a, b] = [randn([n, n]), randn([n, n])];
  const repeat = Math.max(1, Math.round((256 / n) ** 3));
  const once = inScope(() => a.matmul(b));
  const run = () => {
    for (let i = 0; i < repeat; i++) once();
  };
  return { name: `matmul ${n}`, flops: repeat * 2 * n ** 3, bytes: repeat * 12 * n * n, run };
};

const points: Point[] = [
  { name: "add", flops: N, bytes: 12 * N, run: inScope(() => x.add(y)) },
  { name: "sum", flops: N, bytes: 4 * N, run: inScope(() => x.sum()) },
  adamStep(),
  { name: "softmax", flops: 20 * rows.size, bytes: 8 * rows.size, run: inScope(() => softmax(rows, 1)) },
  { name: "exp", flops: 16 * N, bytes: 8 * N, run: inScope(() => x.exp()) },
  {
    name: "matrix · vector",
    flops: 2 * matrix.size,
    bytes: 4 * matrix.size,
    run: inScope(() => matrix.matmul(vector)),
  },
  ...[32, 64, 256, 1024].map(product),
];
const ms = compared(Object.fromEntries(points.map(({ name, run }) => [name, run])), { rounds: 15 });
/** What the other two logs say together. */
const tiles = readLog<Tiles>("tiles").fused;
const rate = (shape: string, unroll: "unroll1" | "unroll4" = "unroll1"): number =>
  tiles.find((tile) => tile.shape === shape)?.[unroll] ?? Number.NaN;
const at512 = readLog<Ladder>("ladder").bySize.find(({ n }) => n === 512);
report({
  ofMicro: (at512?.relaxed ?? Number.NaN) / rate("2x4"),
  overNaive: (at512?.relaxed ?? Number.NaN) / (at512?.naive ?? Number.NaN),
  spill: rate("2x4") / rate("3x4"),
  unrolled: rate("2x4", "unroll4") / rate("2x4"),
  points: points.map(({ name, flops, bytes }) => ({
    name,
    intensity: flops / bytes,
    gflops: flops / ms[name] / 1e6,
    gbPerSecond: bytes / ms[name] / 1e6,
  })),
});
