import { builtinModules } from "../00-runtime/index.ts";

/** Joules that the processor's packages have used, from any beginning. */
export interface EnergyMeter {
  /** Since the last call, or since the meter was made. */
  joules(): number;
}

const ROOT = "/sys/class/powercap";

/** One package's counter, in microjoules; it begins anew at its range. */
interface Counter {
  readonly file: string;
  readonly range: number;
  last: number;
}

/**
 * Intel's and AMD's counters (RAPL), where Linux lets this process read them; null elsewhere: no energy is ever estimated.
 *
 * They count the whole package, whoever computes on it: only a machine that does nothing else tells of one program.
 */
export function energyMeter(root: string = ROOT): EnergyMeter | null {
  const counters = countersIn(root);
  if (counters.length === 0) return null;
  const read = builtinModules()?.("node:fs").readFileSync;
  if (!read) return null;
  return {
    joules: () => {
      let total = 0;
      for (const counter of counters) {
        const now = Number(read(counter.file, "utf8"));
        total += now >= counter.last ? now - counter.last : now - counter.last + counter.range;
        counter.last = now;
      }
      return total / 1e6;
    },
  };
}

/** `intel-rapl:0`, `intel-rapl:1`, …: packages; what has a second number is a part of one. */
function countersIn(root: string): Counter[] {
  const fs = builtinModules()?.("node:fs");
  try {
    const zones = fs?.readdirSync(root).filter((name) => /^intel-rapl:\d+$/.test(name)) ?? [];
    return zones.map((zone) => {
      const [file, range] = ["energy_uj", "max_energy_range_uj"].map((name) => `${root}/${zone}/${name}`);
      return {
        file,
        range: Number(fs?.readFileSync(range, "utf8")),
        last: Number(fs?.readFileSync(file, "utf8")),
      };
    });
  } catch {
    return []; // not there, or root alone may read it
  }
}
