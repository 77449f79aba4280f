import { randn, scope } from "tensorgrad";
import { blas, threads, useBlas, useThreads } from "tensorgrad/runtime";
import {
  heapBase,
  type KernelLevel,
  loadKernels,
  scratchBytes,
} from "../../tensorgrad/src/00-runtime/wasm.ts";
import { assemble } from "../lib/assembly.ts";
import { compared } from "../lib/measure.ts";

/**
 * The same matrix product, C = A·B of [n, n], from plain loops to the system's BLAS: what every rung of the ladder
 * buys, in GFLOP/s; and the bandwidth of a copy at several sizes, for the roof over them. Prints one JSON object.
 */
const SIZES = [64, 128, 256, 512, 1024];
const LARGEST = Math.max(...SIZES);
const SLOWEST = 512; // plain loops take seconds above
const ROUNDS = 7;
const BLOCK = 64;

type Floats = Float32Array;
type Multiply = (a: Floats, b: Floats, c: Floats, n: number) => void;
/** Prepares a product of size n. */
type Rung = (n: number) => () => void;

/** The definition: row times column, B read across its rows. */
const naive: Multiply = (a, b, c, n) => {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < n; p++) sum += a[i * n + p] * b[p * n + j];
      c[i * n + j] = sum;
    }
};

/** Another order of the loops: everything is read and written along rows. */
const reordered: Multiply = (a, b, c, n) => {
  c.fill(0, 0, n * n);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < n; p++) {
      const x = a[i * n + p];
      for (let j = 0; j < n; j++) c[i * n + j] += x * b[p * n + j];
    }
};

/** Blocks that fit into the cache, and in them four rows of B at a time, so that c is read and written less often. */
const blocked: Multiply = (a, b, c, n) => {
  c.fill(0, 0, n * n);
  for (let top = 0; top < n; top += BLOCK)
    for (let left = 0; left < n; left += BLOCK)
      for (let i = 0; i < n; i++)
        for (let p = top; p < top + BLOCK; p += 4) {
          const [at, row] = [i * n + p, p * n];
          const [x0, x1, x2, x3] = [a[at], a[at + 1], a[at + 2], a[at + 3]];
          for (let j = left; j < left + BLOCK; j++)
            c[i * n + j] +=
              x0 * b[row + j] + x1 * b[row + n + j] + x2 * b[row + 2 * n + j] + x3 * b[row + 3 * n + j];
        }
};

/** A tile of C in registers, as in the kernel, but B is read where it lies: every step of a column, another line. */
const UNPACKED = `
export function multiply(a: usize, b: usize, c: usize, n: usize): void {
  for (let i: usize = 0; i < n; i += 2)
    for (let j: usize = 0; j < n; j += 16) tile(a + ((i * n) << 2), b + (j << 2), c + ((i * n + j) << 2), n << 2);
}
function tile(a: usize, b: usize, c: usize, row: usize): void {
  ${[0, 1].flatMap((r) => [0, 1, 2, 3].map((v) => `let c${r}${v} = f32x4.splat(0);`)).join(" ")}
  for (const end = a + row; a < end; a += 4, b += row) {
    const a0 = v128.load32_splat(a);
    const a1 = v128.load32_splat(a + row);
    ${[0, 1, 2, 3]
      .map(
        (v) => `const b${v} = v128.load(b, ${16 * v});
    c0${v} = f32x4.add(c0${v}, f32x4.mul(a0, b${v}));
    c1${v} = f32x4.add(c1${v}, f32x4.mul(a1, b${v}));`,
      )
      .join("\n    ")}
  }
  ${[0, 1].flatMap((r) => [0, 1, 2, 3].map((v) => `v128.store(c + ${r} * row, c${r}${v}, ${16 * v});`)).join(" ")}
}`;

async function unpacked(): Promise<Rung> {
  const bytes = 4 * LARGEST ** 2;
  const { multiply, memory } = await assemble<{
    multiply(a: number, b: number, c: number, n: number): void;
    memory: WebAssembly.Memory;
  }>(UNPACKED, Math.ceil((4 * bytes) / 65_536));
  new Float32Array(memory.buffer).fill(0.5);
  return (n) => () => multiply(bytes, 2 * bytes, 3 * bytes, n);
}

/** Memory of its own for one build of the kernels. */
function arena(level: KernelLevel, floats: number) {
  const bytes = heapBase + scratchBytes + 64 + 12 * floats;
  const memory = new WebAssembly.Memory({
    initial: Math.ceil(bytes / 65_536),
    maximum: 65_536,
    shared: true,
  });
  const kernels = loadKernels(memory, heapBase, level);
  if (!kernels) return null;
  const start = Math.ceil((heapBase + scratchBytes) / 64) * 64;
  const addresses = [0, 1, 2].map((i) => start + 4 * floats * i);
  new Float32Array(memory.buffer, start, 3 * floats).fill(0.5);
  return { kernels, addresses };
}

function packed(level: KernelLevel): Rung | null {
  const at = arena(level, LARGEST ** 2);
  if (!at) return null;
  const [a, b, c] = at.addresses;
  return (n) => () => at.kernels.gemm(a, b, c, n, n, n, n, 1, n, 1, n, 1, 0);
}

/** Through the library, everything included: shapes, memory for the result, the graph. */
const library: Rung = (n) => {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return () => {
    using _ = scope();
    a.matmul(b);
  };
};

const plain =
  (multiply: Multiply): Rung =>
  (n) => {
    const [a, b, c] = [0.5, 0.25, 0].map((x) => new Float32Array(n * n).fill(x));
    return () => multiply(a, b, c, n);
  };

/** Rungs that are measured in turns. Threads and BLAS are chosen for all of a process: each is a stage of its own. */
const stages: readonly { threads: number; blas: string; rungs: Readonly<Record<string, Rung | null>> }[] = [
  {
    threads: 1,
    blas: "off",
    rungs: {
      naive: plain(naive),
      reordered: plain(reordered),
      blocked: plain(blocked),
      unpacked: await unpacked(),
      packed: packed("baseline"),
      relaxed: packed("relaxed"),
      library,
    },
  },
  { threads: 2, blas: "off", rungs: { threads2: library } },
  { threads: 1, blas: "auto", rungs: { blas: library } },
];
const SLOW = ["naive", "reordered", "blocked"];

type Rates = Record<string, number | null>;

function rates(n: number, rungs: Readonly<Record<string, Rung | null>>): Rates {
  // A sample is long against the clock's resolution, and against what it takes to wake a thread up.
  const repeats = (name: string): number =>
    Math.max(1, Math.round((SLOW.includes(name) ? 2e7 : 5e8) / (2 * n ** 3)));
  const ways = Object.entries(rungs).flatMap(([name, make]) => {
    if (!make || (n > SLOWEST && SLOW.includes(name))) return [];
    const [call, repeat] = [make(n), repeats(name)];
    const run = (): void => {
      for (let i = 0; i < repeat; i++) call();
    };
    return [[name, run] as const];
  });
  const times = compared(Object.fromEntries(ways), { rounds: ROUNDS, warmUp: 2 });
  const rate = (name: string) => (times[name] ? (2 * repeats(name) * n ** 3) / times[name] / 1e6 : null);
  return Object.fromEntries(Object.keys(rungs).map((name) => [name, rate(name)]));
}

/** Threads start with the first work worth dividing, and need a turn of the event loop. */
async function started(count: number): Promise<void> {
  const warm = library(LARGEST);
  for (let turn = 0; turn < 100 && threads().working < count; turn++) {
    warm();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ladder(): Promise<({ readonly n: number } & Rates)[]> {
  const rows = SIZES.map((n) => ({ n }));
  for (const { threads: count, blas: wanted, rungs } of stages) {
    useBlas("off");
    useThreads(count);
    await started(count);
    useBlas(wanted);
    for (const row of rows) Object.assign(row, rates(row.n, rungs));
  }
  return rows;
}

/** Bytes read and written per second by a copy, from the first cache to memory. */
function copies(): { readonly bytes: number; readonly gbPerSecond: number }[] {
  const largest = 2 ** 28;
  const at = arena("baseline", largest / 4);
  if (!at) return [];
  const [x, y] = at.addresses;
  return [2 ** 14, 2 ** 18, 2 ** 22, 2 ** 25, largest].map((bytes) => {
    const [n, repeat] = [bytes / 8, Math.max(1, 2 ** 26 / bytes)]; // half of the bytes are read, half written
    const { copy } = compared({
      copy: () => {
        for (let i = 0; i < repeat; i++) at.kernels.copy(x, y, 1, n, n, 1, n, 1);
      },
    });
    return { bytes, gbPerSecond: (repeat * bytes) / copy / 1e6 };
  });
}

const bySize = await ladder();
const { library: found } = blas();
console.log(
  JSON.stringify({
    rounds: ROUNDS,
    blas: found && { name: found.name, core: found.core },
    bySize,
    copies: copies(),
  }),
);
