// own process: a server listens
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zeros } from "tensorgrad";
import { type DashboardState, dashboard, Monitor, moduleModel, type Server, serve } from "tensorgrad/serving";
import { Experiment } from "tensorgrad/train/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, makeRun } from "../07-training/training-run.fixture.ts";
import { network } from "./models.fixture.ts";

let server: Server;
let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "dashboard-"));
  const experiment = new Experiment({ name: "spiral", root, seed: 1, tensorboard: false });
  await finish(makeRun({ seed: 1, callbacks: [experiment] }));
  const model = moduleModel(network(1), { name: "net", example: zeros([1, 4]) });
  const monitor = new Monitor({ model: "net" });
  const routes = [dashboard({ monitors: [monitor], runs: root, every: 20 })];
  server = await serve(model, { port: 0, routes, hooks: [monitor.hooks()] });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

/** The states that the page is told, one by one. */
async function* told(signal: AbortSignal): AsyncGenerator<DashboardState> {
  const response = await fetch(`${server.url}/dashboard/events`, { signal });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  let text = "";
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(part);
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) yield JSON.parse(event.replace(/^data: /, ""));
  }
}

async function ask(): Promise<void> {
  const inputs = [{ name: "input", shape: [1, 4], datatype: "FP32", data: [1, 2, 3, 4] }];
  const body = JSON.stringify({ inputs });
  const headers = { "content-type": "application/json" };
  await fetch(`${server.url}/v2/models/net/infer`, { method: "POST", headers, body });
}

describe("dashboard", () => {
  it("is one page that asks for nothing from elsewhere, and lets nothing else run", async () => {
    const response = await fetch(`${server.url}/dashboard`);
    const text = await response.text();
    expect(text).toMatch(/^<!doctype html>/);
    expect(text.match(/(?:src|href)="(?!data:)[^"]*"/g)).toBe(null);
    expect(text.match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBe(null);
    expect(response.headers.get("content-security-policy")).toMatch(
      /default-src 'none'; script-src 'sha256-/,
    );
  });

  it("tells what happens, second by second, and first what has happened", async () => {
    const watching = new AbortController();
    let requests = 0;
    for await (const state of told(watching.signal)) {
      requests += state.load.reduce((sum, one) => sum + one.requests, 0);
      expect(state.versions).toEqual([{ model: "net", current: "1", others: "" }]);
      expect(state.runs.map(({ id }) => id)).toEqual(["spiral-001"]);
      if (requests >= 5) break;
      await ask();
    }
    watching.abort();
    for await (const state of told(AbortSignal.timeout(5000))) {
      expect(state.load.reduce((sum, one) => sum + one.requests, 0)).toBeGreaterThanOrEqual(5);
      expect(state.monitors[0].requests).toBeGreaterThanOrEqual(5);
      break;
    }
  });

  it("gives the curves of a run that is listed, and of nothing else", async () => {
    const curves = await (await fetch(`${server.url}/dashboard/runs/spiral-001`)).json();
    expect(Object.keys(curves.epochs)).toContain("validation.loss");
    expect(curves.steps.length).toBeGreaterThan(100);
    for (const id of ["spiral", "..", "%2e%2e", "..%2f..", "spiral-001%2f..", "a%00"])
      expect((await fetch(`${server.url}/dashboard/runs/${id}`)).status).toBe(404);
  });

  it("has a bound on those who watch, and takes others when they leave", async () => {
    const watching = Array.from({ length: 20 }, () => new AbortController());
    await Promise.all(watching.map(({ signal }) => fetch(`${server.url}/dashboard/events`, { signal })));
    const refused = await fetch(`${server.url}/dashboard/events`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    await refused.text();
    for (const one of watching) one.abort();
    let status = 503;
    while (status === 503) {
      const again = new AbortController();
      status = (await fetch(`${server.url}/dashboard/events`, { signal: again.signal })).status;
      again.abort();
    }
    expect(status).toBe(200);
  });

  it("does not take the server down with something that cannot be shown", async () => {
    let broken = false;
    const state = () => {
      if (broken) throw new Error("no state");
      return new Monitor({ model: "net" }).state();
    };
    const routes = [dashboard({ monitors: [{ state } as unknown as Monitor], every: 5 })];
    const model = moduleModel(network(1), { name: "net", example: zeros([1, 4]) });
    const own = await serve(model, { port: 0, routes });
    const watching = new AbortController();
    await fetch(`${own.url}/dashboard/events`, { signal: watching.signal });
    broken = true;
    await new Promise((resolve) => setTimeout(resolve, 50)); // some seconds of the page
    expect((await fetch(`${own.url}/dashboard/events`)).status).toBe(500);
    expect((await fetch(`${own.url}/v2/health/ready`)).status).toBe(200);
    watching.abort();
    await own.close();
  });

  it("is behind the key like all else, unless it is open; a server that closes does not wait for pages", async () => {
    const model = () => moduleModel(network(1), { name: "net", example: zeros([1, 4]) });
    for (const [open, status] of [
      [false, 401],
      [true, 200],
    ] as const) {
      const own = await serve(model(), {
        port: 0,
        keys: ["secret-key-of-some-length"],
        routes: [dashboard({ open })],
      });
      expect((await fetch(`${own.url}/dashboard`)).status).toBe(status);
      const events = await fetch(`${own.url}/dashboard/events`);
      expect(events.status).toBe(status);
      await own.close();
      await events.text(); // ended
    }
  });
});
