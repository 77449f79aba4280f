import { checked, INSPECT, listed } from "../../00-runtime/index.ts";
import type { ServingHooks } from "../types.ts";
import type { Alert, AlertSink } from "./alerts.ts";
import { compareWindow, type DriftReport } from "./drift.ts";
import { LatencyHistogram, type Quantiles } from "./latency.ts";
import { observationsOf } from "./observe.ts";
import { type Observation, type Reference, referenceOf } from "./reference.ts";

/** Options of `Monitor`. */
export interface MonitorOptions {
  /** The model's name, in alerts. */
  readonly model: string;
  /** What is normal; without it, the first `referenceSize` observations. */
  readonly reference?: Reference | undefined;
  readonly referenceSize?: number;
  /** Observations, and requests, that are looked at together. */
  readonly window?: number;
  /** The share of windows that may give an alarm though nothing drifted. */
  readonly falseAlarms?: number;
  /** In ms: a window whose p99 is above it raises an alert. */
  readonly p99?: number | undefined;
  /** A window with a larger share of failed requests raises an alert. */
  readonly errorRate?: number | undefined;
  readonly alerts?: readonly AlertSink[];
  /** What a request tells about drift; by default its inputs and outputs, see `observationsOf`. */
  readonly observe?: typeof observationsOf;
}

/** One window of requests. */
export interface WindowState {
  /** ISO 8601, of its last request. */
  readonly at: string;
  readonly latency: Quantiles;
  readonly errorRate: number;
}

/** What a monitor measured, and which alerts are on. */
export interface MonitorState {
  readonly model: string;
  readonly requests: number;
  readonly errors: number;
  readonly latency: Quantiles;
  /** The latest ones, the oldest first. */
  readonly windows: readonly WindowState[];
  readonly observations: number;
  /** Observations that the reference still needs; 0 when there is one. */
  readonly referenceNeeds: number;
  readonly driftWindows: number;
  readonly driftedWindows: number;
  /** Of the last whole window. */
  readonly drift: DriftReport | null;
  /** Raised and not resolved. */
  readonly alerts: readonly Alert[];
}

const REMEMBERED = 120;
type Kind = "drift" | "latency" | "errors";

const MONITOR_OPTIONS = [
  ...(["model", "reference", "referenceSize", "window", "falseAlarms"] as const),
  ...(["p99", "errorRate", "alerts", "observe"] as const),
];

/**
 * Watches a model at work: latency, errors, and whether inputs and predictions are still what they were.
 *
 *   const monitor = new Monitor({ model: "digits", reference, p99: 50, errorRate: 0.01, alerts: [logAlerts()] });
 *   server.use(monitor.hooks());
 *
 * Windows follow each other without overlap, so that their alarms are independent. A condition raises one alert when a window
 * shows it, and resolves it with the first window that does not. What it is told never throws: the service goes first.
 *
 * Throws    RangeError for options outside of their bounds
 */
export class Monitor {
  readonly model: string;
  readonly #options: Required<Omit<MonitorOptions, "model" | "reference" | "p99" | "errorRate">> &
    Pick<MonitorOptions, "p99" | "errorRate">;
  readonly #total = new LatencyHistogram();
  readonly #window = new LatencyHistogram();
  readonly #windows: WindowState[] = [];
  readonly #raised = new Map<Kind, Alert>();
  #reference: Reference | null;
  #observations: Observation[] = [];
  #observed = 0;
  #requests = 0;
  #errors = 0;
  #windowErrors = 0;
  #driftWindows = 0;
  #driftedWindows = 0;
  #drift: DriftReport | null = null;

  [INSPECT](): string {
    return `Monitor(${listed({ model: this.model, requests: this.#requests, errors: this.#errors, observed: this.#observed })})`;
  }

  constructor(options: MonitorOptions) {
    const {
      model,
      reference,
      referenceSize = 2000,
      window = 500,
      falseAlarms = 0.01,
      p99,
      errorRate,
      alerts = [],
      observe = observationsOf,
    } = checked("Monitor", options, MONITOR_OPTIONS);
    checkOptions({ referenceSize, window, falseAlarms, p99, errorRate });
    this.model = model;
    this.#reference = reference ?? null;
    this.#options = { referenceSize, window, falseAlarms, p99, errorRate, alerts, observe };
  }

  /** A request was answered after so many ms, well or not. */
  request(latency: number, ok: boolean): void {
    this.#requests++;
    this.#total.add(latency);
    this.#window.add(latency);
    if (!ok) this.#errors++;
    if (!ok) this.#windowErrors++;
    if (this.#window.count >= this.#options.window) this.#closeWindow();
  }

  /** The model saw or said this. */
  observe(observation: Observation): void {
    const { referenceSize, window, falseAlarms } = this.#options;
    this.#observed++;
    this.#observations.push(observation);
    if (!this.#reference) {
      if (this.#observations.length < referenceSize) return;
      if (this.#observations.some((one) => Object.keys(one).length > 0))
        this.#reference = referenceOf(this.#observations);
      this.#observations = [];
    } else if (this.#observations.length >= window) {
      this.#drift = compareWindow(this.#reference, this.#observations, falseAlarms);
      this.#observations = [];
      this.#driftWindows++;
      if (this.#drift.drifted) this.#driftedWindows++;
      this.#note("drift", this.#drift.drifted, () => driftMessage(this.#drift));
    }
  }

  /** Tells the monitor of everything that a server answers for its model. */
  hooks(): ServingHooks {
    return {
      onResponse: (event) => {
        if (event.model !== this.model) return;
        this.request(event.latency, event.status < 500);
        if (event.status === 200) for (const one of this.#options.observe(event)) this.observe(one);
      },
    };
  }

  /** What was measured, and which alerts are on. */
  state(): MonitorState {
    const { referenceSize } = this.#options;
    return {
      model: this.model,
      requests: this.#requests,
      errors: this.#errors,
      latency: this.#total.quantiles(),
      windows: [...this.#windows],
      observations: this.#observed,
      referenceNeeds: this.#reference ? 0 : referenceSize - this.#observations.length,
      driftWindows: this.#driftWindows,
      driftedWindows: this.#driftedWindows,
      drift: this.#drift,
      alerts: [...this.#raised.values()],
    };
  }

  #closeWindow(): void {
    const { p99, errorRate } = this.#options;
    const latency = this.#window.quantiles();
    const rate = this.#windowErrors / latency.count;
    this.#windows.push({ at: new Date().toISOString(), latency, errorRate: rate });
    if (this.#windows.length > REMEMBERED) this.#windows.shift();
    this.#window.clear();
    this.#windowErrors = 0;
    if (p99 !== undefined) {
      const words = () => `p99 is ${latency.p99.toFixed(1)} ms, ${p99} ms are allowed`;
      this.#note("latency", latency.p99 > p99, words);
    }
    if (errorRate !== undefined) {
      const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
      const words = () => `${percent(rate)} of requests fail, ${percent(errorRate)} are allowed`;
      this.#note("errors", rate > errorRate, words);
    }
  }

  /** One alert when a condition begins, one when it ends. */
  #note(kind: Kind, bad: boolean, words: () => string): void {
    const raised = this.#raised.get(kind);
    if (bad === (raised !== undefined)) return;
    const [model, at] = [this.model, new Date().toISOString()];
    const alert: Alert = raised
      ? { kind, state: "resolved", model, message: `over: ${raised.message}`, at }
      : { kind, state: "raised", model, message: words(), at };
    if (bad) this.#raised.set(kind, alert);
    else this.#raised.delete(kind);
    for (const sink of this.#options.alerts) attempt(() => sink(alert));
  }
}

function driftMessage(report: DriftReport | null): string {
  const found = report?.features.filter(({ drifted }) => drifted) ?? [];
  const shown = found.slice(0, 5).map(({ feature, size, tests }) => {
    const p = Math.min(...tests.map((test) => test.p));
    return `${feature} (PSI ${size.toFixed(2)}, p ${p.toExponential(1)})`;
  });
  const more = found.length > 5 ? ` and ${found.length - 5} more` : "";
  return `not as in the reference: ${shown.join(", ")}${more}`;
}

function checkOptions(options: Readonly<Record<string, number | undefined>>): void {
  const reject = (name: string, rule: string): never => {
    throw new RangeError(`Monitor: ${name} ${options[name]} — ${rule}`);
  };
  for (const name of ["referenceSize", "window"])
    if (!Number.isInteger(options[name]) || Number(options[name]) < 20)
      reject(name, "an integer ≥ 20: fewer values tell nothing");
  const { falseAlarms = 0, p99 = 1, errorRate = 0 } = options;
  if (!(falseAlarms > 0 && falseAlarms < 1)) reject("falseAlarms", "between 0 and 1");
  if (!(p99 > 0)) reject("p99", "milliseconds above 0");
  if (!(errorRate >= 0 && errorRate <= 1)) reject("errorRate", "a share from 0 to 1");
}

/** A sink that throws is its own affair. */
function attempt(run: () => void): void {
  try {
    run();
  } catch {
    // nothing that a request should know
  }
}
