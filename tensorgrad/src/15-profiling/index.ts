/** Module 15: what a program costs, operation by operation and layer by layer. */
export { type Ceilings, measureCeilings } from "./ceilings.ts";
export type { Cost } from "./costs.ts";
export { bytesOfModel, countFlops, countParameters, type FlopCount, type LayerCost } from "./count.ts";
export { type Latency, type LatencyOptions, latencyOf, measureLatency } from "./latency.ts";
export { type MemoryOptions, type MemoryReport, type MemoryUse, measureMemory } from "./memory.ts";
export { type ProfileOptions, ProfileRun, profile } from "./profile.ts";
export { Profile } from "./profile-result.ts";
export { Profiler } from "./profiler.ts";
export type { FlameNode, Phase, ProfileRow, TraceEvent } from "./recorder.ts";
export { type ModelSummary, summary } from "./summary.ts";
export type { TableOptions } from "./table.ts";
