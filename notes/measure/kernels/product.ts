import { randn, scope } from "tensorgrad";
import { useBlas, useThreads } from "tensorgrad/runtime";
import { assemble } from "../../lib/assembly.ts";
import { cpuTimes } from "../../lib/cpu-time.ts";
import { DEPTH, tile } from "../../lib/tile.ts";

/**
 * How much of the innermost loop's rate the whole product keeps, own kernels on one thread: the best shapes of the tile, and
 * products of several sizes through the library. GFLOP/s of CPU time, in turns. Prints one JSON object.
 */
useBlas("off");
useThreads(1);
const SHAPES = ["2x4", "3x3", "4x2", "4x3", "6x2"];
const ROUNDS = 30;
const FLOPS = 2e8; // per sample, about 5 ms

const tiles = SHAPES.map((shape) => ({ shape, ...tile(shape, true, 1) }));
const run = await assemble<Record<string, (count: number) => void>>(
  tiles.map(({ source }) => source).join("\n"),
  4,
);
const programs: Record<string, () => void> = {};
const flops: Record<string, number> = {};
for (const { shape, name, rows, vectors } of tiles) {
  const each = 2 * rows * vectors * 4 * DEPTH;
  const count = Math.ceil(FLOPS / each);
  programs[shape] = () => run[name](count);
  flops[shape] = each * count;
}
for (const n of [256, 512, 1024]) {
  const [a, b] = [randn([n, n]), randn([n, n])];
  const times = Math.ceil(FLOPS / (2 * n ** 3));
  programs[n] = () => {
    using _ = scope();
    for (let i = 0; i < times; i++) a.matmul(b);
  };
  flops[n] = times * 2 * n ** 3;
}
const best = cpuTimes(programs, ROUNDS);
const rate = (name: string) => flops[name] / best[name] / 1e3;
const bestTile = Math.max(...SHAPES.map(rate));
const bySize = [256, 512, 1024].map((n) => ({ n, rate: rate(String(n)), share: rate(String(n)) / bestTile }));
console.log(
  JSON.stringify({
    rounds: ROUNDS,
    tiles: Object.fromEntries(SHAPES.map((s) => [s, rate(s)])),
    bestTile,
    bySize,
  }),
);
