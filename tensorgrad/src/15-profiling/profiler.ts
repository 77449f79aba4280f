import { countFlops, countParameters } from "./count.ts";
import { measureLatency } from "./latency.ts";
import { measureMemory } from "./memory.ts";
import { profile } from "./profile.ts";
import { summary } from "./summary.ts";

/** All measures under one name: `Profiler.countFlops(model, [1, 3, 32, 32])`. */
export const Profiler = {
  countParameters,
  countFlops,
  measureMemory,
  measureLatency,
  profile,
  summary,
} as const;
