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
