import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Random } from "../../src/00-runtime/index.ts";
import { Registry } from "../../src/21-serving/registry/index.ts";
import { draws } from "../draws.fixture.ts";
import { weightsFile } from "./models.fixture.ts";

const KILLS = draws(30, 8);

it("a process killed while it adds, promotes and rolls back leaves the old or the new version, whole", async () => {
  const root = mkdtempSync(join(tmpdir(), "promotion-kill-"));
  const registry = new Registry(root);
  for (const seed of [1, 2]) await registry.add("m", weightsFile(seed));
  await registry.promote("m", "1");
  const file = join(root, "weights.safetensors");
  writeFileSync(file, weightsFile(3));
  const random = new Random(1);
  const child = fileURLToPath(new URL("./promotion-child.fixture.ts", import.meta.url));
  let left = 0;
  const found = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const running = spawn(process.execPath, ["--import", "tsx", child, root, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for (let turns = 1 + random.integer(12); turns > 0; turns--) await once(running.stdout, "data");
    await pause(random.uniform() * 12); // a turn takes some milliseconds
    running.kill("SIGKILL");
    await once(running, "exit");

    found.add(registry.current("m")?.version ?? "none");
    expect((await registry.verify("m")).filter((one) => "error" in one)).toEqual([]);
    const names = [...readdirSync(join(root, "m")), ...readdirSync(join(root, "m/versions"))];
    left += names.filter((name) => name.includes(".tmp") || name === "owner.json").length;
    await registry.promote("m", kill % 2 ? "1" : "2"); // takes over what the dead one held
  }
  expect([...found].filter((version) => version !== "1" && version !== "2")).toEqual([]);
  expect(found.size).toBe(2);
  expect(left).toBeGreaterThan(0); // or no kill came in the middle of anything
  await registry.add("m", weightsFile(3));
  expect(readdirSync(join(root, "m/versions")).filter((name) => name.includes(".tmp"))).toEqual([]);
  rmSync(root, { recursive: true });
});
