import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { noGrad, scope } from "tensorgrad";
import { loadTensors } from "tensorgrad/train/node";
import { describe, expect, it } from "vitest";
import { committed, TARGETS } from "./04-tinygpt.ts";
import { excerptPerplexity } from "./lib/gpt-excerpt.ts";
import { refuseLeak } from "./lib/gpt-judge.ts";
import { causality } from "./lib/gpt-probes.ts";
import { RECIPES } from "./lib/gpt-recipe.ts";
import { meanSurprise } from "./lib/gpt-score.ts";
import { shakespeare, validationWindows } from "./lib/gpt-texts.ts";
import { trainGpt } from "./lib/gpt-train.ts";

const file = fileURLToPath(new URL("./checkpoints/04-tinygpt.safetensors", import.meta.url));
const log = JSON.parse(readFileSync(new URL("../notes/logs/tinygpt.json", import.meta.url), "utf8")) as {
  result: { valNats: number; valNatsHalfStride: number; parameters: number };
};
const hasText = process.env.TENSORGRAD_DATA !== undefined;

describe("the committed model of milestone 4", () => {
  it("is what the committed log says, and small", async () => {
    const { metadata } = await loadTensors(file);
    expect(metadata).toMatchObject({ recipe: "platinum", valNats: String(log.result.valNats) });
    expect(statSync(file).size).toBeLessThan(8 * 2 ** 20);
    expect((await committed()).parameters().reduce((sum, { size }) => sum + size, 0)).toBe(
      log.result.parameters,
    );
  });

  it.skipIf(!hasText)(
    "still scores as well on all of the validation text, and looks at no later character",
    async () => {
      const [texts, model] = [await shakespeare(), await committed()];
      const windows = validationWindows(texts, model.maxSeqLen);
      expect(windows.count).toBe(111_540);
      const valNats = meanSurprise(model, windows);
      expect(Math.abs(valNats - log.result.valNats)).toBeLessThan(1e-4);
      expect(valNats).toBeLessThanOrEqual(TARGETS.platinum);
      expect(() => refuseLeak(valNats)).not.toThrow();
      expect(causality(model, texts.validation.ids().slice(0, model.maxSeqLen))).toBe(0);
    },
  );

  it.skipIf(!hasText)("reads the order of characters: turned round, they get other scores", async () => {
    const [texts, model] = [await shakespeare(), await committed()];
    using _ = scope();
    using __ = noGrad();
    model.eval();
    const { x } = validationWindows(texts, model.maxSeqLen).batch([0]);
    const turned = x.flip(1);
    const [ahead, back] = [model.forward(x), model.forward(turned)];
    expect(ahead.sub(back).abs().max().item()).toBeGreaterThan(1);
  });
});

describe("bronze", () => {
  it.skipIf(!hasText)("is reached from scratch in 108 steps", { timeout: 900_000 }, async () => {
    const texts = await shakespeare();
    const { model } = await trainGpt(RECIPES.bronze, texts, { seed: 1337 });
    expect(meanSurprise(model, validationWindows(texts, model.maxSeqLen))).toBeLessThanOrEqual(
      TARGETS.bronze,
    );
  });
});

describe("a short text", () => {
  it.skipIf(!hasText)(
    "is learned by heart: a training perplexity below 2",
    { timeout: 900_000 },
    async () => {
      // 110 steps, half of what the milestone takes: enough, and a test is waited for.
      expect(await excerptPerplexity(await shakespeare(), 1337, 110)).toBeLessThan(2);
    },
  );
});

describe("the alarm", () => {
  it("goes off below a perplexity that no frozen model of this text has", () => {
    expect(() => refuseLeak(1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: 04-tinygpt: 1.0000 nats on the validation text, perplexity 2.72 — below 3.3 no frozen model of this text is known; look for validation characters among the training ones, or a model that looks ahead]`,
    );
  });
});
