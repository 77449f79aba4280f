// The innermost loop of a matrix product, generated in AssemblyScript for any shape of the tile.

export const DEPTH = 256; // of the summed dim: A takes up to 8 KiB, B up to 32 KiB

export interface Tile {
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
export function tile(shape: string, fused: boolean, unroll: number): Tile {
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
