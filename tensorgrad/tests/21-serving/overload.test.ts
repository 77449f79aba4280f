// own process: servers listen
import { serve } from "tensorgrad/serving";
import { describe, expect, it } from "vitest";
import { flood, slowEcho } from "./flood.fixture.ts";

describe("ten times the load that a server can carry", () => {
  it("is answered or refused, each request once and in time; what the model computed is what was asked", async () => {
    const events = new Map<string, string[]>();
    const note = (what: string) => (event: { id: string; status?: number }) =>
      events.set(event.id, [...(events.get(event.id) ?? []), what]);
    const server = await serve(slowEcho(100), {
      ...{ port: 0, maxBatch: 1, maxWait: 0, maxQueue: 4, deadline: 2000 },
      hooks: [{ onRequest: note("request"), onResponse: note("response") }],
    });
    const { sent, statuses, wrong, lost, withoutRetry } = await flood(server.url, 100, 2); // it can carry 10
    await server.close();

    expect([wrong, lost, withoutRetry]).toEqual([0, 0, 0]);
    const known = [200, 503, 504]; // 504 where this machine itself had no time
    expect(
      Object.keys(statuses)
        .map(Number)
        .filter((status) => !known.includes(status)),
    ).toEqual([]);
    expect(statuses[200]).toBeGreaterThan(4);
    expect(statuses[503]).toBeGreaterThan(statuses[200]);
    expect(events.size).toBe(sent);
    expect([...events.values()].every((list) => list.join() === "request,response")).toBe(true);
  });
});
