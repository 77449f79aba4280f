import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { weightsFile } from "../../../tests/21-serving/models.fixture.ts";
import { follow } from "./follow.ts";
import { Registry } from "./registry.ts";

let root: string;
let registry: Registry;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "follow-"));
  registry = new Registry(root);
  for (const seed of [1, 2, 3]) await registry.add("m", weightsFile(seed));
  await registry.promote("m", "1");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("follow", () => {
  it("places what is current, then every promotion and rollback, once each", async () => {
    const placed: string[] = [];
    const following = await follow(registry, "m", async ({ version }) => void placed.push(version));
    await registry.promote("m", "3");
    await following.check();
    await following.check();
    await registry.rollback("m");
    await following.check();
    await following.close();
    expect(placed).toEqual(["1", "3", "1"]);
    expect(following.version).toBe("1");
  });

  it("looks by itself", async () => {
    let placed = "";
    let settle = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const place = async ({ version }: { version: string }) => {
      placed = version;
      if (version === "2") settle();
    };
    const following = await follow(registry, "m", place, { every: 5 });
    await registry.promote("m", "2");
    await settled;
    await following.close();
    expect(placed).toBe("2");
  });

  it("goes on with what runs when a promotion cannot be placed, says so once, and takes the next", async () => {
    const errors: string[] = [];
    const placed: string[] = [];
    const following = await follow(
      registry,
      "m",
      async ({ version }) => {
        if (version === "2") throw new Error("out of memory");
        placed.push(version);
      },
      { onError: ({ message }) => void errors.push(message) },
    );
    await registry.promote("m", "2");
    for (let i = 0; i < 3; i++) await following.check();
    expect(following.version).toBe("1");
    writeFileSync(join(root, "m/current.json"), "{");
    for (let i = 0; i < 3; i++) await following.check();
    await registry.promote("m", "3");
    await following.check();
    await following.close();
    expect(placed).toEqual(["1", "3"]);
    expect(errors).toEqual(["out of memory", expect.stringContaining("current.json: no JSON")]);
  });

  it("begins with nothing where nothing is current, and passes on why the first cannot be placed", async () => {
    await registry.add("n", weightsFile(1));
    const following = await follow(registry, "n", async () => {});
    expect(following.version).toBe(null);
    await following.close();
    const failing = follow(registry, "m", () => Promise.reject(new Error("no memory")));
    await expect(failing).rejects.toThrow("no memory");
  });
});
