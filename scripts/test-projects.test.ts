import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./markdown.ts";
import { drawing, ownProcess, quickTests } from "./test-projects.ts";

describe("quick tests", () => {
  const [all, alone] = [quickTests(root), ownProcess(root)];

  it("are all there, whole programs left out", () => {
    expect(all.length).toBeGreaterThan(200);
    expect(all).toContain("scripts/test-projects.test.ts");
    expect(all.filter((file) => !existsSync(join(root, file)) || file.includes(".slow."))).toEqual([]);
  });

  it.each([
    ["change the number of threads", "tensorgrad/src/00-runtime/threads/threads.test.ts"],
    ["measure the heap", "tensorgrad/src/00-runtime/memory/scope.test.ts"],
    ["measure it through a fixture", "tensorgrad/src/08-data/loading/loader.test.ts"],
    ["have a fixture that sets a hook where it is loaded", "tensorgrad/tests/08-data/loader-workers.test.ts"],
    ["replace what belongs to all", "tensorgrad/src/07-training/experiments/experiment.test.ts"],
  ])("have a process of their own if they %s", (_, file) => {
    expect(alone).toContain(file);
  });

  it("share one otherwise", () => {
    expect(alone).not.toContain("tensorgrad/src/06-optimizers/adam.test.ts");
    expect(alone.length).toBeLessThan(all.length / 2);
  });

  it("that draw are known by what they or their fixtures assert", () => {
    expect(drawing(root)).toContain("tensorgrad/src/06-optimizers/adam.test.ts");
    expect(drawing(root)).not.toContain("scripts/test-projects.test.ts");
  });
});
