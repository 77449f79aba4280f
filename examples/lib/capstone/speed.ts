import { noGrad, scope, type Tensor } from "tensorgrad";
import { interleavedSync } from "tensorgrad/benchmarking";
import { type GPT, KVCache, type Module } from "tensorgrad/nn";
import { blas, median, threads, useBlas, useThreads } from "tensorgrad/runtime";

/** Milliseconds of both models, medians of the same rounds. */
export interface Times {
  readonly before: number;
  readonly after: number;
}

/** One job, with the system's BLAS (where there is one) and with the engine's own kernels. */
export interface Speed {
  readonly job: string;
  readonly threads: number;
  readonly blas: Times;
  readonly own: Times;
  /** The fastest way of the model before, divided by the fastest of the one after. */
  readonly speedup: number;
}

export interface SpeedOptions {
  /** How often both ways to multiply take turns, and the rounds of a turn. */
  readonly turns?: number;
  readonly rounds?: number;
}

/** Times two models at one job: in turns, all of it in one run, on one thread, where neighbours disturb least. */
export function speedOf(
  job: string,
  ways: Readonly<Record<keyof Times, () => void>>,
  { turns = 4, rounds = 4 }: SpeedOptions = {},
): Speed {
  const found = { auto: { before: [], after: [] }, off: { before: [], after: [] } } as Record<
    "auto" | "off",
    Record<keyof Times, number[]>
  >;
  const [setting, wanted] = [blas().setting, threads().wanted];
  useThreads(1);
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const way of turn % 2 === 0 ? (["auto", "off"] as const) : (["off", "auto"] as const)) {
        useBlas(way);
        const times = interleavedSync(ways, { rounds, warmUp: 1 });
        for (const side of ["before", "after"] as const) found[way][side].push(...times[side]);
      }
    }
  } finally {
    useBlas(setting);
    useThreads(wanted);
  }
  const [withBlas, own] = [found.auto, found.off].map(({ before, after }) => ({
    before: median(before),
    after: median(after),
  }));
  const fastest = (side: keyof Times) => Math.min(withBlas[side], own[side]);
  return { job, threads: 1, blas: withBlas, own, speedup: fastest("before") / fastest("after") };
}

/** A forward pass. */
export const pass = (model: Module, x: Tensor) => (): void => {
  using _ = scope();
  using __ = noGrad();
  model.forward(x);
};

/** The most probable text of so many characters, one after the other, with a cache of keys and values. */
export function writing(model: GPT, length: number): () => void {
  const cache = KVCache.for(model);
  return () => void model.generate([0], { maxLength: length, temperature: 0, cache });
}
