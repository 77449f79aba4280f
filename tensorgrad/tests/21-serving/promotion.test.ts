// own process: a server listens
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zeros } from "tensorgrad";
import { type Build, followRegistry, moduleModel, Registry, serve, storedModel } from "tensorgrad/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { network, weightsFile } from "./models.fixture.ts";

const PROMOTIONS = 100;
const CLIENTS = 8;

let root: string;
let registry: Registry;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "promotion-"));
  registry = new Registry(root);
  for (const seed of [1, 2]) await registry.add("net", weightsFile(seed));
  await registry.promote("net", "1");
});
afterAll(() => rmSync(root, { recursive: true }));

const build: Build = ({ tensors }, { model: name, version }) => {
  const net = network(9);
  net.loadStateDict(tensors);
  return moduleModel(net, { name, version, example: zeros([1, 4]) });
};

describe("a server that follows a registry", () => {
  it(`answers every request, each by one whole version, while ${PROMOTIONS} promotions and rollbacks happen`, async () => {
    const server = await serve(await storedModel(await registry.read("net"), build), { port: 0 });
    const errors: Error[] = [];
    const options = { build, every: 1, onError: (error: Error) => void errors.push(error) };
    const following = await followRegistry(server, registry, "net", options);
    const body = JSON.stringify({
      inputs: [{ name: "input", shape: [1, 4], datatype: "FP32", data: [1, -2, 3, 0.5] }],
    });
    const answers = new Map<string, Set<string>>();
    let [going, failed, answered] = [true, 0, 0];
    const client = async () => {
      while (going) {
        const response = await fetch(`${server.url}/v2/models/net/infer`, {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
        });
        const answer = (await response.json()) as { model_version: string; outputs: { data: number[] }[] };
        if (response.status !== 200) failed++;
        else {
          answered++;
          const known = answers.get(answer.model_version) ?? new Set();
          answers.set(
            answer.model_version,
            known.add(answer.outputs[0].data.map((value) => value.toFixed(4)).join()),
          );
        }
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    for (let i = 0; i < PROMOTIONS; i++) {
      if (i % 2) await registry.rollback("net");
      else await registry.promote("net", "2");
      const now = answered;
      await following.check();
      expect(server.models.get("net")?.current.version).toBe(i % 2 ? "1" : "2");
      while (answered < now + CLIENTS / 4) await new Promise((resolve) => setImmediate(resolve));
    }
    going = false;
    await Promise.all(clients);
    await following.close();
    await server.close();
    expect([failed, errors]).toEqual([0, []]);
    expect(answered).toBeGreaterThan(PROMOTIONS * 2);
    expect([...answers.keys()].sort()).toEqual(["1", "2"]);
    expect([...answers.values()].map((of) => of.size)).toEqual([1, 1]); // the numbers of a version never change
  });

  it("says what it cannot do: weights alone, a model that is not served", async () => {
    const stored = await registry.read("net");
    await expect(storedModel(stored)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: storedModel(net, 1): weights without the model around them — pass a function that makes one and loads them, or add an ONNX file]`,
    );
    const server = await serve(await storedModel(stored, build), { port: 0 });
    await expect(followRegistry(server, registry, "other")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: followRegistry: other is not served — the server has net]`,
    );
    await server.close();
  });
});
