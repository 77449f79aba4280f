import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { noGrad, scope } from "tensorgrad";
import { accuracy } from "tensorgrad/train";
import { expect, it } from "vitest";
import log from "../../../logs/09-digits.json" with { type: "json" };
import { imagesOf, networkOf } from "./network.ts";

const file = (name: string): Buffer => readFileSync(join(import.meta.dirname, name));

it("reads as many of the committed digits as its log says", () => {
  using _ = scope();
  using __ = noGrad();
  const test = imagesOf(gunzipSync(file("test-images.idx3.gz")), gunzipSync(file("test-labels.idx1.gz")));
  const { x, y } = test.batch(Array.from({ length: test.length }, (_, i) => i));
  const { tenth, testAccuracy } = log.result;
  expect(test.length).toBe(tenth.images);
  expect(Math.round(test.length * Number(accuracy(networkOf(file("cnn.safetensors")).forward(x), y)))).toBe(
    Math.round(test.length * tenth.accuracy),
  );
  expect(testAccuracy).toBeGreaterThanOrEqual(0.98);
  expect(file("cnn.safetensors").length).toBeLessThan(200_000);
});
