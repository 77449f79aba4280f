import { setTimeout as pause } from "node:timers/promises";
import { checked } from "../../00-runtime/index.ts";

/** Something that somebody should know. */
export interface Alert {
  readonly kind: "drift" | "latency" | "errors" | "rollback";
  /** Raised once, and resolved once all is well again. */
  readonly state: "raised" | "resolved";
  readonly model: string;
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Where alerts go. */
export type AlertSink = (alert: Alert) => void;

/** Alerts as lines of JSON, on standard error unless told otherwise. */
export const logAlerts =
  (write: (line: string) => void = (line) => void process.stderr.write(`${line}\n`)): AlertSink =>
  (alert) =>
    write(JSON.stringify({ level: alert.state === "raised" ? "warn" : "info", ...alert }));

export interface WebhookOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Of one attempt, in ms. */
  readonly timeout?: number;
  readonly attempts?: number;
  /** Before the second attempt, in ms; doubled before each further one. */
  readonly pause?: number;
  /** Told about alerts that were not delivered. */
  readonly onError?: (error: Error, alert: Alert) => void;
}

/** A sink that one may wait for. */
export interface Webhook extends AlertSink {
  /** Resolves when all alerts so far are delivered or given up. */
  flush(): Promise<void>;
}

/** Alerts that wait to be sent; more are given up, the newest first. */
const WAITING = 100;

/**
 * Posts every alert as JSON to an address, one after the other, in the order in which they came. The service never waits for
 * it, and no failure of it reaches a request: after some attempts an alert is given up, and `onError` told.
 *
 *   new Monitor({ model: "digits", alerts: [logAlerts(), webhook("https://hooks.example.com/…")] })
 *
 * Throws    TypeError for an address that is not http: or https:
 */
export function webhook(url: string, options: WebhookOptions = {}): Webhook {
  const {
    headers = {},
    timeout = 5000,
    attempts = 4,
    pause: first = 500,
    onError = () => {},
  } = checked("webhook", options, ["headers", "timeout", "attempts", "pause", "onError"]);
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol !== "http:" && protocol !== "https:")
    throw new TypeError(`webhook(${url}): an address that begins with http:// or https://`);
  let [last, waiting] = [Promise.resolve(), 0];
  async function post(alert: Alert): Promise<void> {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(alert),
      redirect: "error",
      signal: AbortSignal.timeout(timeout),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`webhook(${url}): status ${answer.status}`);
  }
  async function deliver(alert: Alert): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await post(alert);
      } catch (error) {
        if (attempt >= attempts) return onError(error as Error, alert);
        await pause(first * 2 ** (attempt - 1), undefined, { ref: false });
      }
    }
  }
  const sink = (alert: Alert): void => {
    if (waiting >= WAITING) {
      onError(new Error(`webhook(${url}): ${WAITING} alerts wait already — this one is given up`), alert);
      return;
    }
    waiting++;
    last = last.then(() => deliver(alert)).finally(() => waiting--);
  };
  return Object.assign(sink, { flush: () => last });
}
