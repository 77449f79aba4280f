import type { Profile } from "./profile-result.ts";

/** Microseconds, as the format wants them. */
const micro = (ms: number): number => Math.round(1e6 * ms) / 1e3;

/**
 * Complete events ("X") of modules, operations, rules, updates and kernels, and a counter ("C") of bytes on the heap.
 *
 * Source    Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function traceJson({ events, droppedEvents }: Profile): string {
  const common = { pid: 1, tid: 1 };
  const spans = events.map(({ activity, name, path, start, ms, flops }) => ({
    ...{ name: path && activity === "module" ? path : name, cat: activity, ph: "X" },
    ...{ ts: micro(start), dur: micro(ms), ...common },
    args: { ...(path && { path }), ...(flops > 0 && { flops, gflops: flops / ms / 1e6 }) },
  }));
  const heap = events
    .filter(({ activity }) => activity !== "kernel" && activity !== "module")
    .map(({ start, ms, live }) => ({
      ...{ name: "heap", ph: "C", ts: micro(start + ms), ...common },
      args: { bytes: live },
    }));
  const names = [{ name: "process_name", ph: "M", ...common, args: { name: "tensorgrad" } }];
  return JSON.stringify({
    traceEvents: [...names, ...spans, ...heap],
    displayTimeUnit: "ms",
    otherData: { droppedEvents },
  });
}
