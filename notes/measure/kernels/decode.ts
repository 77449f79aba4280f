import { randn, scope, type Tensor } from "tensorgrad";
import { useBlas, useThreads } from "tensorgrad/runtime";
import { cpuTimes } from "../../lib/cpu-time.ts";

/**
 * Products of one to eight rows with a large matrix, as a language model decodes: GB/s of the matrix on one thread of the own
 * kernels, for both layouts of the matrix, beside a copy of as many bytes (which reads them once and writes them once).
 * GB/s of CPU time, in turns. Prints one JSON object.
 */
useBlas("off");
useThreads(1);
const ROUNDS = 15;
const ROWS = [1, 2, 4, 8];
const SIZES = [
  [3072, 3072],
  [768, 3072],
];

const programs: Record<string, () => void> = {};
const bytes: Record<string, number> = {};
const all = SIZES.map(([k, n]) => {
  const [stored, transposed] = [randn([k, n]), randn([n, k]).t()];
  const name = (what: string, m = 0) => `${what} ${k}×${n} ${m}`;
  const add = (key: string, run: () => Tensor) => {
    bytes[key] = 4 * k * n;
    programs[key] = () => {
      using _ = scope();
      run();
    };
  };
  add(name("copy"), () => stored.clone());
  for (const m of ROWS) {
    const x = randn([m, k]);
    add(name("[k, n]", m), () => x.matmul(stored));
    add(name("[n, k]", m), () => x.matmul(transposed));
  }
  return { k, n, name };
});
const best = cpuTimes(programs, ROUNDS);
const rate = (key: string) => bytes[key] / best[key] / 1e3;
const bySize = all.map(({ k, n, name }) => ({
  k,
  n,
  copied: rate(name("copy")),
  byRows: ROWS.map((m) => ({ m, plain: rate(name("[k, n]", m)), transposed: rate(name("[n, k]", m)) })),
}));
console.log(JSON.stringify({ rounds: ROUNDS, bySize }));
