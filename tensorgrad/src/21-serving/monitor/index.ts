/** A model at work: latency, errors, and drift from what was normal. */
export {
  type Alert,
  type AlertSink,
  logAlerts,
  type Webhook,
  type WebhookOptions,
  webhook,
} from "./alerts.ts";
export { chiSquareTail, kolmogorovTail } from "./distributions.ts";
export { compareWindow, type DriftReport, type FeatureDrift, type FeatureTest } from "./drift.ts";
export { kolmogorovSmirnov, type TestResult } from "./kolmogorov-smirnov.ts";
export { LatencyHistogram, type Quantiles } from "./latency.ts";
export { monitorMetrics } from "./metrics.ts";
export { Monitor, type MonitorOptions, type MonitorState, type WindowState } from "./monitor.ts";
export { observationsOf } from "./observe.ts";
export { categoryShift, populationStability } from "./population-stability.ts";
export {
  type CategoryReference,
  type FeatureReference,
  type NumericReference,
  type Observation,
  type Reference,
  referenceOf,
} from "./reference.ts";
export { shareShift } from "./share-shift.ts";
