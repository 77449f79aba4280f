import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { trainPerceptron } from "./01-perceptron.ts";

describe("trainPerceptron", () => {
  it("gets all training points and 99 % of the others, on 20 of 20 seeds", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { trainAccuracy, testAccuracy, angleDegrees } = await trainPerceptron({ seed });
      expect([seed, trainAccuracy]).toEqual([seed, 1]);
      expect(testAccuracy).toBeGreaterThanOrEqual(0.99);
      expect(angleDegrees).toBeLessThan(6);
    }
  });

  it("repeats itself for the same seed, and only for that", async () => {
    const losses = async (seed: number) => (await trainPerceptron({ seed, steps: 50 })).losses;
    const first = await losses(3);
    expect(await losses(3)).toEqual(first);
    expect(await losses(4)).not.toEqual(first);
  });

  it("does not learn where ReLU never fires: the loss stands still", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { dead, losses, trainAccuracy } = await trainPerceptron({ seed, neuron: "relu", steps: 200 });
      if (!dead) continue;
      expect(losses.at(-1)).toBe(losses.at(-2));
      expect(trainAccuracy).toBeLessThan(0.95);
      return;
    }
    expect.unreachable("no dead neuron among 20 seeds");
  });
});

describe("the program", () => {
  it("meets its quick targets and closes with one line of JSON", () => {
    const script = fileURLToPath(new URL("./01-perceptron.ts", import.meta.url));
    const args = ["--import", "tsx", script, "--quick", "--seed", "2", "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      good: 5,
      seeds: 5,
      misses: [],
    });
  });
});
