import { checked, listen, type Observer, observer, scope } from "../00-runtime/index.ts";
import { randn } from "../01-tensor/index.ts";

/** What this machine can do at best, with the threads and the BLAS that are chosen. */
export interface Ceilings {
  /** Of a copy that no cache holds, bytes read and written. */
  readonly bytesPerSecond: number;
  /** Of a matrix product that fits into the cache. */
  readonly flopsPerSecond: number;
}

/** Measures both: copies of 32 MiB, products of 768×768; the best of some rounds each. Takes a fifth of a second. */
export function measureCeilings(options: { readonly rounds?: number } = {}): Ceilings {
  const { rounds = 5 } = checked("measureCeilings", options, ["rounds"]);
  if (!(Number.isInteger(rounds) && rounds >= 1))
    throw new RangeError(`measureCeilings: rounds = ${rounds} — an integer, 1 or more`);
  const before: Observer | null = observer;
  listen(null);
  try {
    using _ = scope();
    const [x, a, b] = [randn([8 * 2 ** 20]), randn([768, 768]), randn([768, 768])];
    return {
      bytesPerSecond: (2 * 4 * x.size) / fastest(rounds, () => void x.clone()),
      flopsPerSecond: (2 * 768 ** 3) / fastest(rounds, () => void a.matmul(b)),
    };
  } finally {
    listen(before);
  }
}

/** Seconds. Disturbances only ever add to them. */
function fastest(rounds: number, run: () => void): number {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    using _ = scope();
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return Math.min(...times.slice(1)) / 1000;
}
