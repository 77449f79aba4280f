// own process: a server listens
import { zeros } from "tensorgrad";
import {
  ABTest,
  type Decision,
  moduleModel,
  type ResponseEvent,
  type Server,
  Shadow,
  serve,
  trial,
} from "tensorgrad/serving";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { network } from "./models.fixture.ts";

let server: Server;
const model = (seed: number, version: string) =>
  moduleModel(network(seed), { name: "net", version, example: zeros([1, 4]) });
beforeEach(async () => {
  server = await serve(model(1, "1"), { port: 0 });
  server.models.get("net")?.add(model(2, "2"));
});
afterEach(() => server.close());

async function ask(unit: string): Promise<string> {
  const inputs = [{ name: "input", shape: [1, 4], datatype: "FP32", data: [unit.length, 2, -3, 1] }];
  const response = await fetch(`${server.url}/v2/models/net/infer`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-unit-id": unit },
    body: JSON.stringify({ inputs }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { model_version: string }).model_version;
}

const askAll = (count: number, prefix = "user") =>
  Promise.all(Array.from({ length: count }, (_, i) => ask(`${prefix} ${i}`)));

/** The candidate, or the control, fails its users. */
const failing = (version: string) => (event: ResponseEvent) => (event.version === version ? 0 : 1);

describe("trial", () => {
  it("sends a unit to the same version each time, and as many as the share says", async () => {
    const test = new ABTest({ name: "split", share: 0.3, effect: 0.02 });
    const end = trial(server, test, { model: "net", candidate: "2" });
    const first = await askAll(120);
    expect(await askAll(120)).toEqual(first);
    const inCandidate = first.filter((version) => version === "2").length;
    expect(Math.abs(inCandidate - 36)).toBeLessThan(4 * Math.sqrt(120 * 0.21));
    end();
    expect(new Set(await askAll(30))).toEqual(new Set(["1"]));
  });

  it("rolls a candidate back that is worse, and answers every request meanwhile", async () => {
    const test = new ABTest({ name: "bad", share: 0.5, effect: 0.2 });
    const ended = new Promise<Decision>((onEnd) =>
      trial(server, test, { model: "net", candidate: "2", outcome: failing("2"), onEnd }),
    );
    for (let round = 0; test.decision === null; round++) await askAll(20, `round ${round}`);
    expect((await ended).verdict).toBe("worse");
    expect(server.models.get("net")?.versions.map(({ version }) => version)).toEqual(["1"]);
    expect(new Set(await askAll(20))).toEqual(new Set(["1"]));
  });

  it("promotes one that is better, also when the outcomes come from elsewhere", async () => {
    const test = new ABTest({ name: "good", share: 0.5, effect: 0.2 });
    const ended = new Promise<Decision>((onEnd) =>
      trial(server, test, { model: "net", candidate: "2", onEnd }),
    );
    for (let i = 0; test.decision === null; i++)
      test.record(`user ${i}`, (await ask(`user ${i}`)) === "2" ? 1 : 0);
    await ask("anyone"); // a trial looks when a request comes
    expect((await ended).verdict).toBe("better");
    expect(server.models.get("net")?.current.version).toBe("2");
    expect(new Set(await askAll(20))).toEqual(new Set(["2"]));
  });

  it("refuses a version that is not served", () => {
    const test = new ABTest({ name: "none" });
    expect(() => trial(server, test, { model: "net", candidate: "3" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: trial: net 3 is not served — there are versions 1, 2; add it to the slot]`,
    );
  });
});

describe("Shadow", () => {
  it("answers a second time, compares, and nobody notices", async () => {
    const same = { ...model(1, "3"), version: "3" };
    server.models.get("net")?.add(same);
    const shadows = ["2", "3"].map((version) => new Shadow({ model: "net", version, maxInFlight: 100 }));
    for (const shadow of shadows) server.use(shadow.hooks(server));
    expect(new Set(await askAll(20))).toEqual(new Set(["1"]));
    const seen = (shadow: Shadow) => {
      const { agreed, differed } = shadow.state();
      return agreed + differed;
    };
    while (shadows.some((shadow) => seen(shadow) < 20))
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(shadows[1].state()).toMatchObject({ agreed: 20, differed: 0, failed: 0, dropped: 0 });
    expect(shadows[0].state().latency.count).toBe(20);
  });

  it("counts what fails and what is too much, and takes a share", async () => {
    const gone = new Shadow({ model: "net", version: "9", maxInFlight: 100 });
    let calls = 0;
    const never = {
      models: new Map([["net", { infer: () => new Promise(() => ++calls) }]]),
    } as unknown as Server;
    const busy = new Shadow({ model: "net", version: "2", maxInFlight: 2 });
    const some = new Shadow({ model: "net", version: "2", share: 0.5, maxInFlight: 1000 });
    for (const hooks of [gone.hooks(server), busy.hooks(never), some.hooks(never)]) server.use(hooks);
    await askAll(40);
    await new Promise((resolve) => setImmediate(resolve));
    expect(gone.state()).toMatchObject({ failed: 40 });
    expect(busy.state()).toMatchObject({ dropped: 38 });
    expect(calls - 2).toBeGreaterThan(8);
    expect(calls - 2).toBeLessThan(32);
    expect(() => new Shadow({ model: "net", version: "2", share: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Shadow: share 0 — above 0, at most 1]`,
    );
    expect(() => new Shadow({ model: "net", version: "2", maxInFlight: 0 })).toThrow(RangeError);
  });
});
