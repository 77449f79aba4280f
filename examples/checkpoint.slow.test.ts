import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Sequential } from "tensorgrad/nn";
import { loadTensors } from "tensorgrad/train/node";
import { describe, expect, it } from "vitest";
import { digits, judge } from "./lib/digit-classifier.ts";
import { MLP } from "./lib/digit-recipes.ts";

const file = fileURLToPath(new URL("./checkpoints/02-mlp.safetensors", import.meta.url));
const log = JSON.parse(readFileSync(new URL("../notes/logs/mlp.json", import.meta.url), "utf8")) as {
  result: { testAccuracy: number };
};

async function trained(): Promise<Sequential> {
  const { tensors } = await loadTensors(file);
  const model = new Sequential(...MLP.layers());
  model.loadStateDict(tensors);
  return model;
}

describe("the committed model of milestone 2", () => {
  it("is what the committed log says", async () => {
    const { metadata } = await loadTensors(file);
    expect(metadata).toMatchObject({ dataset: "mnist", testAccuracy: String(log.result.testAccuracy) });
    expect(statSync(file).size).toBeLessThan(500_000);
    expect((await trained()).parameters()).toHaveLength(4);
  });

  it.skipIf(!process.env.TENSORGRAD_DATA)("still reads as many digits", async () => {
    const { test, name } = await digits(1, false);
    expect(name).toBe("mnist");
    const { testAccuracy } = judge(await trained(), test);
    expect(Math.abs(testAccuracy - log.result.testAccuracy)).toBeLessThanOrEqual(0.0002); // a logit may tie in its last bit
  });
});
