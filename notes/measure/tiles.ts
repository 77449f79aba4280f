import { assemble } from "../lib/assembly.ts";
import { DEPTH, type Tile, tile } from "../lib/tile.ts";

/**
 * The innermost loop of a matrix product alone, its operands in L1: which shapes of the tile of C that is kept in
 * registers reach what rate, with fused multiply-add or without, and with the loop unrolled by hand. A shape is rows of
 * A times vectors of four columns of B. Prints one JSON object, GFLOP/s.
 */
const SHAPES = [
  "1x4",
  "1x8",
  "2x2",
  "2x4",
  "3x2",
  "3x3",
  "3x4",
  "4x2",
  "4x3",
  "4x4",
  "5x2",
  "6x2",
  "8x1",
] as const;
const UNROLL = [1, 2, 4];
const ROUNDS = 25;
const FLOPS = 2e6; // per sample, about 40 µs

const tiles = [true, false].flatMap((fused) =>
  UNROLL.flatMap((unroll) => SHAPES.map((shape) => tile(shape, fused, unroll))),
);
const source = tiles.map((one) => one.source).join("\n");
const run = await assemble<Record<string, (count: number) => void>>(source, 4);
const best = new Map<Tile, number>();
// Interleaved, so that a disturbance of the machine hits all alike; the first rounds also let V8 optimise.
for (let round = 0; round < ROUNDS; round++) {
  for (const one of tiles) {
    const flops = 2 * one.rows * one.vectors * 4 * DEPTH;
    const count = Math.ceil(FLOPS / flops);
    const start = performance.now();
    run[one.name](count);
    const rate = (count * flops) / (performance.now() - start) / 1e6;
    best.set(one, Math.max(best.get(one) ?? 0, rate));
  }
}
const rates = (kind: "fma" | "mul") =>
  SHAPES.map((shape) => {
    const of = (unroll: number) =>
      best.get(tiles.find(({ name }) => name === `${kind}${shape}by${unroll}`) as Tile);
    return { shape, ...Object.fromEntries(UNROLL.map((unroll) => [`unroll${unroll}`, of(unroll)])) };
  });
console.log(JSON.stringify({ depth: DEPTH, rounds: ROUNDS, fused: rates("fma"), separate: rates("mul") }));
