import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TARGETS } from "./05-capstone.ts";
import { accuracyOf } from "./lib/capstone/cnn.ts";
import { compressedFile, loadCnn, loadGpt } from "./lib/capstone/storage.ts";
import { pictures } from "./lib/cifar-data.ts";
import { compareModel, LOGIT_TOLERANCE } from "./lib/cnn-models.ts";
import { RECIPES as CNN } from "./lib/cnn-recipes.ts";
import { RECIPES as GPTS } from "./lib/gpt-recipe.ts";
import { meanSurprise } from "./lib/gpt-score.ts";
import { shakespeare, validationWindows } from "./lib/gpt-texts.ts";

interface Log {
  readonly result: {
    readonly cnn: Readonly<Record<"accuracyBefore" | "accuracyAfter" | "bytesBefore" | "bytesAfter", number>>;
    readonly gpt: Readonly<Record<"natsBefore" | "natsAfter" | "bytesBefore" | "bytesAfter", number>>;
  };
}

const { result } = JSON.parse(
  readFileSync(new URL("../notes/logs/capstone.json", import.meta.url), "utf8"),
) as Log;
const hasData = process.env.TENSORGRAD_DATA !== undefined;

describe("the compressed models of milestone 5", () => {
  it("are as small as the committed log says", () => {
    for (const name of ["cnn", "gpt"] as const) {
      const { bytesBefore, bytesAfter } = result[name];
      expect(statSync(compressedFile(name)).size).toBe(bytesAfter);
      expect(bytesAfter).toBeLessThan(bytesBefore / 6);
    }
  });

  it.skipIf(!hasData)("still know as many of all test images, and the same in ONNX Runtime", async () => {
    const { test, name } = await pictures(1, false);
    expect([name, test.length]).toEqual(["cifar10", 10_000]);
    const model = await loadCnn(compressedFile("cnn"), CNN.threeConv);
    const accuracy = accuracyOf(model, test);
    expect(Math.abs(accuracy - result.cnn.accuracyAfter)).toBeLessThan(3e-4);
    expect(1 - accuracy / result.cnn.accuracyBefore).toBeLessThan(TARGETS.full.loss);
    const { equalPredictions, maxAbs } = await compareModel(model, test);
    expect(equalPredictions).toEqual({ equal: 10_000, total: 10_000 });
    expect(maxAbs).toBeLessThan(LOGIT_TOLERANCE);
  });

  it.skipIf(!hasData)("still say as much of all validation characters", async () => {
    const texts = await shakespeare();
    const model = await loadGpt(compressedFile("gpt"), GPTS.platinum, [...texts.train.alphabet].length);
    const windows = validationWindows(texts, model.maxSeqLen);
    expect(windows.count).toBe(111_540);
    const nats = meanSurprise(model, windows);
    expect(Math.abs(nats - result.gpt.natsAfter)).toBeLessThan(1e-3);
    expect(nats / result.gpt.natsBefore - 1).toBeLessThan(TARGETS.full.loss);
  });
});
