/** The micro-kernel alone in L1: as many tiles as a product of the same size has flops. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDurably } from "tensorgrad/runtime/node";
import type { Work } from "../cases.ts";
import { serve, type Workload } from "../serve.ts";

const SOURCE = fileURLToPath(new URL("micro.simd.ts", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../../out/bench", import.meta.url));

interface Micro {
  DEPTH: WebAssembly.Global;
  fill(): void;
  element(i: number): number;
  run(count: number): void;
}

/** Compiled once per version of the source, into `out/bench`. */
async function compiled(): Promise<Uint8Array<ArrayBuffer>> {
  const source = readFileSync(SOURCE, "utf8");
  const file = join(OUTPUT, `micro-${createHash("sha256").update(source).digest("hex").slice(0, 12)}.wasm`);
  if (existsSync(file)) return new Uint8Array(readFileSync(file));
  const { main } = await import("assemblyscript/asc");
  let bytes = new Uint8Array();
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--outFile", "micro.wasm"];
  const { error, stderr } = await main(["micro.simd.ts", ...options], {
    readFile: (name) => (name === "micro.simd.ts" ? source : null),
    writeFile: (_, contents) => {
      bytes = new Uint8Array(contents as Uint8Array);
    },
    listFiles: () => null,
  });
  if (error) throw new Error(stderr.toString());
  mkdirSync(dirname(file), { recursive: true });
  await writeDurably(file, Buffer.from(bytes));
  return bytes;
}

const module = new WebAssembly.Module(await compiled());
const micro = new WebAssembly.Instance(module).exports as unknown as Micro;
micro.fill();

/** Row 1, column 1 of the product of what `fill` writes; all of it exact in float32. */
function check(): void {
  const depth = micro.DEPTH.value as number;
  let expected = 0;
  for (let p = 0; p < depth; p++) expected += ((depth + p) % 7) * 0.25 * (((16 * p + 1) % 5) * 0.5);
  micro.run(1);
  if (micro.element(17) !== expected) throw new Error(`the tile gives ${micro.element(17)}, not ${expected}`);
}

check();
const flopsPerTile = 2 * 2 * 16 * micro.DEPTH.value;

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind !== "gemm" || work.layout !== "NN") return null;
  const tiles = (repeat * 2 * work.size ** 3) / flopsPerTile;
  if (!Number.isInteger(tiles)) return null; // its rate does not depend on the size: large ones are enough
  return { run: () => micro.run(tiles) };
}

await serve("2×16 tile, depth 256, operands in L1", prepare);
