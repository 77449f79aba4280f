/** Module 19: what is faster, by how much, and how sure that is. */
export { Benchmark, type ModelReport } from "./benchmark.ts";
export { type ClearOptions, type Pair, type PairedRounds, roundsUntilClear } from "./clear.ts";
export {
  type BenchmarkOptions,
  type CompareOptions,
  type Comparison,
  METRICS,
  type Metric,
  type ModelResult,
} from "./comparison.ts";
export { type EnergyMeter, energyMeter } from "./energy.ts";
export { type Machine, machine } from "./machine.ts";
export { type Better, paretoFront } from "./pareto.ts";
export {
  type BenchmarkReport,
  type CaseChange,
  compareReports,
  type GateOptions,
  type GateResult,
} from "./regression.ts";
export { interleaved, interleavedSync, type RoundOptions, type Rounds } from "./rounds.ts";
export {
  type BootstrapOptions,
  bootstrap,
  type Interval,
  medianOf,
  type Ratio,
  ratioApart,
  ratioOf,
  significant,
} from "./statistics.ts";
