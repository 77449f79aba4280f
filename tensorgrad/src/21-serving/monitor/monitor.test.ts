import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import type { ResponseEvent } from "../types.ts";
import { type Alert, logAlerts, webhook } from "./alerts.ts";
import { LatencyHistogram } from "./latency.ts";
import { monitorMetrics } from "./metrics.ts";
import { Monitor } from "./monitor.ts";
import { observationsOf } from "./observe.ts";
import { referenceOf } from "./reference.ts";

describe("LatencyHistogram", () => {
  it("gives quantiles within 1 %, from a microsecond to an hour", () => {
    const random = new Random(1);
    const values = Array.from({ length: 5000 }, () => Math.exp(random.uniform() * 21.9 - 6.9));
    const histogram = new LatencyHistogram();
    for (const value of values) histogram.add(value);
    const sorted = values.toSorted((a, b) => a - b);
    for (const q of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = sorted[Math.max(0, Math.ceil(q * values.length) - 1)];
      expect(Math.abs(histogram.quantile(q) / exact - 1)).toBeLessThanOrEqual(0.0101);
    }
    expect(histogram.quantiles().max).toBe(sorted.at(-1));
  });

  it("is 0 of nothing, and counts no time that is none", () => {
    const histogram = new LatencyHistogram();
    for (const wrong of [Number.NaN, -1]) histogram.add(wrong);
    expect(histogram.quantiles()).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
    histogram.add(0);
    histogram.add(Infinity);
    expect(histogram.count).toBe(2);
    histogram.clear();
    expect(histogram.quantile(0.5)).toBe(0);
  });
});

const normal = (random: Random) => ({ x: random.normal(), label: String(random.integer(3)) });

describe("Monitor", () => {
  it("raises one alert when a condition begins and one when it ends", () => {
    const alerts: Alert[] = [];
    const monitor = new Monitor({
      ...{ model: "m", window: 100, p99: 20, errorRate: 0.05 },
      alerts: [(alert) => void alerts.push(alert)],
    });
    const windows = (count: number, latency: number, failures: number) => {
      for (let i = 0; i < 100 * count; i++) monitor.request(latency, i % 100 >= failures);
    };
    windows(2, 10, 5);
    expect(alerts).toEqual([]);
    windows(3, 30, 6);
    windows(2, 10, 0);
    expect(alerts.map(({ kind, state, message }) => `${kind} ${state}: ${message}`)).toMatchInlineSnapshot(`
      [
        "latency raised: p99 is 29.9 ms, 20 ms are allowed",
        "errors raised: 6.0 % of requests fail, 5.0 % are allowed",
        "latency resolved: over: p99 is 29.9 ms, 20 ms are allowed",
        "errors resolved: over: 6.0 % of requests fail, 5.0 % are allowed",
      ]
    `);
    expect(monitor.state()).toMatchObject({ requests: 700, errors: 28, alerts: [] });
    expect(monitor.state().windows).toHaveLength(7);
  });

  it("makes its reference of the first observations, then finds what changes, and that it is over", () => {
    const alerts: Alert[] = [];
    const monitor = new Monitor({
      ...{ model: "m", window: 200, referenceSize: 1000 },
      alerts: [(alert) => void alerts.push(alert)],
    });
    const random = new Random(1);
    for (let i = 0; i < 999; i++) monitor.observe(normal(random));
    expect(monitor.state().referenceNeeds).toBe(1);
    for (let i = 0; i < 401; i++) monitor.observe(normal(random));
    expect(monitor.state()).toMatchObject({ driftWindows: 2, driftedWindows: 0, referenceNeeds: 0 });
    for (let i = 0; i < 200; i++) monitor.observe({ ...normal(random), label: "2" });
    expect(monitor.state().drift?.features.map(({ feature, drifted }) => [feature, drifted])).toEqual([
      ["x", false],
      ["label", true],
    ]);
    for (let i = 0; i < 200; i++) monitor.observe(normal(random));
    expect(alerts.map(({ state }) => state)).toEqual(["raised", "resolved"]);
    expect(alerts[0].message).toMatch(/^not as in the reference: label \(PSI 3\.\d\d, p \d\.\de-\d+\)$/);
  });

  it("throws nothing that a request would feel: odd values, sinks that fail, observations without features", () => {
    const failing = () => {
      throw new Error("sink");
    };
    const reference = referenceOf([{ x: 1 }, { x: 2 }]);
    const monitor = new Monitor({ model: "m", window: 20, p99: 1, reference, alerts: [failing] });
    for (let i = 0; i < 40; i++) monitor.request(Infinity, false);
    const odd = [Number.NaN, null, undefined, "text", Infinity];
    for (let i = 0; i < 40; i++) monitor.observe(i % 2 ? {} : { x: odd[i % 5], other: 1 });
    const empty = new Monitor({ model: "m", window: 20, referenceSize: 20 });
    for (let i = 0; i < 60; i++) empty.observe({});
    expect(monitor.state().driftWindows).toBe(2);
    expect(empty.state().driftWindows).toBe(0);
  });

  it("refuses options out of bounds", () => {
    const errors = [
      { window: 3 },
      { referenceSize: 1.5 },
      { falseAlarms: 0 },
      { p99: -1 },
      { errorRate: 2 },
    ].map((options) => {
      try {
        return new Monitor({ model: "m", ...options }).model;
      } catch (error) {
        return String(error);
      }
    });
    expect(errors).toMatchInlineSnapshot(`
      [
        "RangeError: Monitor: window 3 — an integer ≥ 20: fewer values tell nothing",
        "RangeError: Monitor: referenceSize 1.5 — an integer ≥ 20: fewer values tell nothing",
        "RangeError: Monitor: falseAlarms 0 — between 0 and 1",
        "RangeError: Monitor: p99 -1 — milliseconds above 0",
        "RangeError: Monitor: errorRate 2 — a share from 0 to 1",
      ]
    `);
  });

  it("is told by a server's hooks about its own model only, and by refused requests about latency and errors", () => {
    const monitor = new Monitor({ model: "m" });
    const { onResponse } = monitor.hooks();
    const event = {
      model: "m",
      status: 200,
      latency: 5,
      ...tensors([[1, 2]], [[3]]),
    } as unknown as ResponseEvent;
    onResponse?.(event);
    onResponse?.({ ...event, status: 503, outputs: null });
    onResponse?.({ ...event, status: 400, outputs: null });
    onResponse?.({ ...event, model: "other" });
    expect(monitor.state()).toMatchObject({ requests: 3, errors: 1, observations: 1 });
  });
});

describe("observationsOf", () => {
  it("looks at small inputs number by number, at large ones as a whole, and at what is predicted", () => {
    const image = Array.from({ length: 20 }, (_, i) => i);
    expect(
      observationsOf(
        tensors(
          [
            [1, 2],
            [3, 4],
          ],
          [
            [0.1, 0.9],
            [0.8, 0.2],
          ],
        ),
      ),
    ).toEqual([
      { "x[0]": 1, "x[1]": 2, y: "1", "y greatest": expect.closeTo(0.9) },
      { "x[0]": 3, "x[1]": 4, y: "0", "y greatest": expect.closeTo(0.8) },
    ]);
    expect(observationsOf(tensors([image], [[7]]))).toEqual([
      { "x mean": 9.5, "x deviation": Math.sqrt(33.25), "x least": 0, "x greatest": 19, y: 7 },
    ]);
    expect(observationsOf(tensors([[1]], [[Number.NaN, 1]]))).toEqual([
      { x: 1, y: "-1", "y greatest": undefined },
    ]);
    expect(observationsOf({ inputs: {}, outputs: null })).toEqual([]);
    const tokens = { dtype: "int64" as const, shape: [1], data: BigInt64Array.of(5n) };
    expect(observationsOf({ inputs: { t: tokens }, outputs: null })).toEqual([{ t: "5" }]);
  });
});

describe("webhook", () => {
  const alert: Alert = {
    kind: "drift",
    state: "raised",
    model: "m",
    message: "x",
    at: "2026-11-26T10:00:00.000Z",
  };

  it("delivers in order, tries again after a failure, and gives up with a word", async () => {
    const got: string[] = [];
    let failures = 2;
    const server = await serving((body) => {
      if (body.includes("never") || failures-- > 0) return 500;
      got.push(JSON.parse(body).message);
      return 204;
    });
    const lost: string[] = [];
    const send = webhook(addressOf(server), {
      attempts: 3,
      pause: 1,
      onError: ({ message }, { message: of }) => void lost.push(`${of}: ${message}`),
    });
    for (const message of ["a", "never", "b"]) send({ ...alert, message });
    await send.flush();
    expect(got).toEqual(["a", "b"]);
    expect(lost).toEqual([`never: webhook(${addressOf(server)}): status 500`]);
    server.close();
    send(alert);
    await send.flush();
    expect(lost).toHaveLength(2); // nobody answers there any more
  });

  it("waits for no answer that does not come, and holds a hundred alerts at most", async () => {
    const server = await serving(() => null);
    const lost: string[] = [];
    const send = webhook(addressOf(server), {
      attempts: 1,
      timeout: 30,
      onError: ({ name }) => void lost.push(name),
    });
    for (let i = 0; i < 103; i++) send(alert);
    expect(lost).toHaveLength(3);
    server.closeAllConnections();
    server.close();
    await send.flush();
    expect(lost).toHaveLength(103);
  });

  it("takes web addresses only", () => {
    expect(() => webhook("file:///etc/passwd")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: webhook(file:///etc/passwd): an address that begins with http:// or https://]`,
    );
    expect(() => webhook("")).toThrow(TypeError);
  });

  it("has a twin that writes lines", () => {
    const lines: string[] = [];
    logAlerts((line) => void lines.push(line))(alert);
    expect(JSON.parse(lines[0])).toEqual({ level: "warn", ...alert });
  });
});

describe("monitorMetrics", () => {
  it("shows drift and alerts to Prometheus", async () => {
    const metrics = new Registry();
    const random = new Random(1);
    const reference = referenceOf(Array.from({ length: 500 }, () => normal(random)));
    const monitor = new Monitor({ model: "m", window: 100, reference });
    await monitorMetrics(metrics, [monitor]);
    expect(await metrics.metrics()).toContain('tensorgrad_alert{model="m",kind="drift"} 0');
    for (let i = 0; i < 100; i++) monitor.observe({ ...normal(random), x: 9 });
    const text = await metrics.metrics();
    expect(text).toContain('tensorgrad_alert{model="m",kind="drift"} 1');
    expect(text).toContain('tensorgrad_drift_windows{model="m",drifted="true"} 1');
    expect(text).toMatch(/tensorgrad_drift_p_value\{model="m",feature="x",test="kolmogorov-smirnov"\} \d/);
    expect(text).toMatch(/tensorgrad_drift_size\{model="m",feature="label"\} 0\.\d/);
  });
});

// ————— helpers

/** An event's inputs `x` and outputs `y`, from rows. */
function tensors(x: number[][], y: number[][]): Pick<ResponseEvent, "inputs" | "outputs"> {
  const tensor = (rows: number[][]) => ({
    dtype: "float32" as const,
    shape: [rows.length, rows[0].length],
    data: Float32Array.from(rows.flat()),
  });
  return { inputs: { x: tensor(x) }, outputs: { y: tensor(y) } };
}

/** Answers with the status that is said; null never. */
async function serving(answer: (body: string) => number | null): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const status = answer(body);
    if (status !== null) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const addressOf = (server: Server): string => {
  const address = server.address() as AddressInfo | null;
  addresses.set(server, addresses.get(server) ?? `http://127.0.0.1:${address?.port}/`);
  return addresses.get(server) ?? "";
};
const addresses = new WeakMap<Server, string>();
