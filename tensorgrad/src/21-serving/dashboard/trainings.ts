import { basename } from "node:path";
import { findRun, listRuns, type RunSummary, type Unreadable } from "../../07-training/node.ts";

/** Points of a curve that a page gets. */
const POINTS = 400;

/** The curves of a training, as the dashboard draws them. */
export interface Curves {
  readonly id: string;
  readonly steps: readonly (readonly [step: number, loss: number])[];
  /** By name: "validation.loss". */
  readonly epochs: Readonly<Record<string, readonly (readonly [epoch: number, value: number])[]>>;
}

/** The newest first; none where there is no such folder. */
export function trainings(root: string): (RunSummary | Unreadable)[] {
  try {
    return listRuns(root).slice(-50).reverse();
  } catch (error) {
    if (error instanceof RangeError) return []; // no run yet
    throw error;
  }
}

/** The curves of a run; null for one that is not there. Only ids that are listed are looked for. */
export function curvesOf(root: string, id: string): Curves | null {
  if (!trainings(root).some((run) => run.id === id && !("error" in run))) return null;
  const { folder, log } = findRun(root, id);
  const steps = log.lines.flatMap((line) => (line.kind === "step" ? [[line.step, line.loss] as const] : []));
  const epochs: Record<string, (readonly [number, number])[]> = {};
  for (const line of log.lines) {
    if (line.kind !== "epoch") continue;
    for (const [name, value] of Object.entries(line.metrics)) {
      epochs[name] ??= [];
      epochs[name].push([line.epoch, value]);
    }
  }
  const every = Math.max(1, Math.ceil(steps.length / POINTS));
  return { id: basename(folder), steps: steps.filter((_, i) => i % every === 0), epochs };
}
