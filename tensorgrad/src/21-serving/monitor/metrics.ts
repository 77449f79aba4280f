import type { Registry as MetricsRegistry } from "prom-client";
import { can, expectArgument } from "../../00-runtime/index.ts";
import type { Monitor } from "./monitor.ts";

/**
 * Shows what monitors know at `/metrics`: for each feature the p value and the size of its drift, the windows so far, and alerts
 * that are raised, as 0 or 1.
 *
 *   await monitorMetrics(server.metrics, [monitor]);
 */
export async function monitorMetrics(metrics: MetricsRegistry, monitors: readonly Monitor[]): Promise<void> {
  expectArgument(
    can(metrics, "registerMetric"),
    "monitorMetrics",
    "metrics",
    metrics,
    "server.metrics, a prom-client Registry",
  );
  expectArgument(Array.isArray(monitors), "monitorMetrics", "monitors", monitors, "a list of monitors");
  const { Gauge } = await import("prom-client");
  const registers = [metrics];
  const states = () => monitors.map((monitor) => monitor.state());
  new Gauge({
    name: "tensorgrad_drift_p_value",
    help: "Chance of a change as large where nothing drifted, in the last window",
    labelNames: ["model", "feature", "test"],
    registers,
    collect() {
      this.reset();
      for (const { model, drift } of states())
        for (const { feature, tests } of drift?.features ?? [])
          for (const { test, p } of tests) this.set({ model, feature, test }, p);
    },
  });
  new Gauge({
    name: "tensorgrad_drift_size",
    help: "Population stability index of the last window",
    labelNames: ["model", "feature"],
    registers,
    collect() {
      this.reset();
      for (const { model, drift } of states())
        for (const { feature, size } of drift?.features ?? []) this.set({ model, feature }, size);
    },
  });
  new Gauge({
    name: "tensorgrad_drift_windows",
    help: "Windows so far that drifted, or did not",
    labelNames: ["model", "drifted"],
    registers,
    collect() {
      for (const { model, driftWindows, driftedWindows } of states()) {
        this.set({ model, drifted: "true" }, driftedWindows);
        this.set({ model, drifted: "false" }, driftWindows - driftedWindows);
      }
    },
  });
  new Gauge({
    name: "tensorgrad_alert",
    help: "1 while an alert is raised",
    labelNames: ["model", "kind"],
    registers,
    collect() {
      for (const { model, alerts } of states())
        for (const kind of ["drift", "latency", "errors"])
          this.set({ model, kind }, Number(alerts.some((alert) => alert.kind === kind)));
    },
  });
}
