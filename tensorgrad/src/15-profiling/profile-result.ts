import { counted, expectArgument, Printed, showBytes } from "../00-runtime/index.ts";
import { bottlenecks } from "./bottlenecks.ts";
import type { Ceilings } from "./ceilings.ts";
import { flameGraphOf, page, rooflineOf } from "./pictures.ts";
import type { FlameNode, ProfileRow, Recorder, TraceEvent } from "./recorder.ts";
import { type TableOptions, table } from "./table.ts";
import { traceJson } from "./trace.ts";

/** What a profile found. Rows are in the order of their time, the longest first. */
export class Profile extends Printed {
  readonly wallMs: number;
  /** The sum of all rows; the rest of `wallMs` passed between them. */
  readonly operationsMs: number;
  /** The most bytes seen on the heap. */
  readonly peakBytes: number;
  readonly rows: readonly ProfileRow[];
  readonly tree: FlameNode;
  readonly events: readonly TraceEvent[];
  /** Spans that the trace lacks, because there were more than `maxEvents`. */
  readonly droppedEvents: number;

  constructor(recorder: Recorder, wallMs: number) {
    super();
    expectArgument(
      recorder?.rows instanceof Map,
      "Profile",
      "recorder",
      recorder,
      "what profile(…) recorded",
    );
    const { rows, root, events, dropped, peak } = recorder;
    this.rows = [...rows.values()].sort((a, b) => b.ms - a.ms);
    this.wallMs = wallMs;
    this.operationsMs = this.rows.reduce((sum, { ms }) => sum + ms, 0);
    [this.peakBytes, this.tree, this.events, this.droppedEvents] = [peak, root, events, dropped];
  }

  /** A line for each operation, layer and phase; with the sum, and what passed between them. */
  table(options: TableOptions = {}): string {
    return table(this, options);
  }

  /** Chrome's trace events, as Perfetto and speedscope read them. */
  trace(): string {
    return traceJson(this);
  }

  /** Frames as wide as their time: phase, module path, operation, kernel. SVG. */
  flameGraph(): string {
    return flameGraphOf(this);
  }

  /** Every operation below the ceilings of this machine. SVG. */
  roofline(ceilings: Ceilings): string {
    return rooflineOf(this, ceilings);
  }

  /** Where the time goes, a sentence each; with ceilings, also what holds it up. */
  bottlenecks(ceilings?: Ceilings): string[] {
    return bottlenecks(this, ceilings);
  }

  /** All of it on one HTML page. */
  page(title: string, ceilings?: Ceilings): string {
    return page(this, title, ceilings);
  }

  /** All rows and events as plain data. */
  toJSON(): object {
    const { wallMs, operationsMs, peakBytes, rows, droppedEvents } = this;
    return { wallMs, operationsMs, peakBytes, droppedEvents, rows };
  }

  protected override describe(): string {
    return `${this.wallMs.toFixed(1)} ms, ${counted(this.rows.length, "row")}, peak ${showBytes(this.peakBytes)}`;
  }
}
