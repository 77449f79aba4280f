import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TARGETS } from "./05-capstone.ts";
import { accuracyOf } from "./lib/capstone/cnn.ts";
import { compressedFile, loadCnn } from "./lib/capstone/storage.ts";
import { pictures } from "./lib/cifar-data.ts";
import { committedFile } from "./lib/cnn-models.ts";
import { RECIPES } from "./lib/cnn-recipes.ts";

const log = JSON.parse(readFileSync(new URL("../notes/logs/cnn.json", import.meta.url), "utf8")) as {
  readonly result: { readonly threeConv: { readonly testAccuracy: number } };
};

describe("the compressed network of milestone 5", () => {
  it("takes less than a tenth of the bytes", () => {
    expect(statSync(compressedFile("cnn")).size).toBeLessThan(statSync(committedFile("threeConv")).size / 10);
  });

  it.skipIf(process.env.TENSORGRAD_DATA === undefined)(
    "knows nearly as many of all test images",
    { timeout: 300_000 },
    async () => {
      const { test, name } = await pictures(1, false);
      expect([name, test.length]).toEqual(["cifar10", 10_000]);
      const accuracy = accuracyOf(await loadCnn(compressedFile("cnn"), RECIPES.threeConv), test);
      expect(1 - accuracy / log.result.threeConv.testAccuracy).toBeLessThan(TARGETS.full.loss);
    },
  );
});
