import { assemble } from "../lib/assembly.ts";

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
const DEPTH = 256; // of the summed dim: A takes up to 8 KiB, B up to 32 KiB
const ROUNDS = 25;
const FLOPS = 2e6; // per sample, about 40 µs

interface Tile {
  readonly name: string;
  readonly rows: number;
  readonly vectors: number;
  readonly source: string;
}

/** One step of the summed dim. The shorter side stays in registers, the longer one is loaded vector by vector. */
function step(rows: number, vectors: number, fused: boolean, at: number): string[] {
  const loadA = (r: number) => `v128.load32_splat(a, ${4 * (r + rows * at)})`;
  const loadB = (v: number) => `v128.load(b, ${16 * (v + vectors * at)})`;
  const madd = (r: number, v: number, x: string, y: string) =>
    fused ? `f32x4.relaxed_madd(${x}, ${y}, c${r}${v})` : `f32x4.add(c${r}${v}, f32x4.mul(${x}, ${y}))`;
  const rowIndices = [...Array(rows).keys()];
  const vectorIndices = [...Array(vectors).keys()];
  if (rows <= vectors)
    return [
      ...rowIndices.map((r) => `const a${r}_${at} = ${loadA(r)};`),
      ...vectorIndices.flatMap((v) => [
        `const b${v}_${at} = ${loadB(v)};`,
        ...rowIndices.map((r) => `c${r}${v} = ${madd(r, v, `a${r}_${at}`, `b${v}_${at}`)};`),
      ]),
    ];
  return [
    ...vectorIndices.map((v) => `const b${v}_${at} = ${loadB(v)};`),
    ...rowIndices.flatMap((r) => [
      `const a${r}_${at} = ${loadA(r)};`,
      ...vectorIndices.map((v) => `c${r}${v} = ${madd(r, v, `a${r}_${at}`, `b${v}_${at}`)};`),
    ]),
  ];
}

/** A function that computes the tile of panels at `a` and `b` and adds it up into the 16 bytes at `c`. */
function tile(shape: string, fused: boolean, unroll: number): Tile {
  const [rows, vectors] = shape.split("x").map(Number);
  const name = `${fused ? "fma" : "mul"}${shape}by${unroll}`;
  const sums = [...Array(rows * vectors).keys()].map((i) => `c${Math.floor(i / vectors)}${i % vectors}`);
  const body = [...Array(unroll).keys()].flatMap((at) => step(rows, vectors, fused, at));
  const [aStep, bStep] = [4 * rows * unroll, 16 * vectors * unroll];
  const source = `
function ${name}Tile(a: usize, b: usize, c: usize): void {
  ${sums.map((sum) => `let ${sum} = f32x4.splat(0);`).join("\n  ")}
  for (const end = a + ${4 * rows * DEPTH}; a < end; a += ${aStep}, b += ${bStep}) {
    ${body.join("\n    ")}
  }
  v128.store(c, ${sums.reduce((all, sum) => `f32x4.add(${all}, ${sum})`)});
}
export function ${name}(count: u32): void {
  for (; count > 0; count--) ${name}Tile(0, 32768, 98304);
}`;
  return { name, rows, vectors, source };
}

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
