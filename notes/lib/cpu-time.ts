import { median } from "tensorgrad/runtime";

/**
 * Microseconds that this process computes, best of `rounds` for each program, in turns: beside other work on the machine it says
 * what an idle one would take, where wall time says how busy the machine was. For one thread.
 */
export function cpuTimes<Name extends string>(
  programs: Readonly<Record<Name, () => void>>,
  rounds: number,
): Record<Name, number> {
  const names = Object.keys(programs) as Name[];
  const best = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<
    Name,
    number
  >;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const start = process.cpuUsage();
      programs[name]();
      const { user, system } = process.cpuUsage(start);
      best[name] = Math.min(best[name], user + system);
    }
  }
  return best;
}

export interface WarmOptions<Name> {
  readonly rounds?: number;
  /** Of each program in each round. */
  readonly milliseconds?: number;
  /** Before a program's turn, outside of what is timed. */
  readonly prepare?: (name: Name) => void;
}

/**
 * Microseconds of one call as a program that runs for long takes them: medians of `rounds`, in turns, of the time that this
 * process computes. First each program runs until V8 has compiled it for the last time, which takes hundreds of short calls; a turn
 * lasts a few milliseconds, and its first call, which finds the caches of another, does not count.
 */
export function warmCpuTimes<Name extends string>(
  programs: Readonly<Record<Name, () => void>>,
  { rounds = 15, milliseconds = 6, prepare = () => {} }: WarmOptions<Name> = {},
): Record<Name, number> {
  const names = Object.keys(programs) as Name[];
  const turns = names.map((name) => {
    prepare(name);
    const run = programs[name];
    let calls = 1;
    for (let taken = 0; taken < 40_000; calls *= 2) taken = timed(run, calls);
    const repeat = Math.max(1, Math.round((milliseconds * 500 * calls) / timed(run, calls / 2)));
    return { name, run, repeat, times: [] as number[] };
  });
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, repeat, times } of round % 2 ? turns.toReversed() : turns) {
      prepare(name);
      run();
      times.push(timed(run, repeat) / repeat);
    }
  }
  return Object.fromEntries(turns.map(({ name, times }) => [name, median(times)])) as Record<Name, number>;
}

function timed(run: () => void, calls: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < calls; i++) run();
  const { user, system } = process.cpuUsage(start);
  return Math.max(1, user + system);
}
