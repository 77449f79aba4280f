import { zeros } from "tensorgrad";
import { importOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { fuzz, originals, sizesOf } from "./mutations.fixture.ts";

describe("mutated ONNX files", () => {
  it("come from files that run", () => {
    for (const bytes of originals()) {
      const model = importOnnx(bytes);
      expect(Object.keys(model.run(model.inputs.map(({ shape }) => zeros(sizesOf(shape)))))).not.toEqual([]);
    }
  });

  it("are refused, complain in our words, or run: never anything else", () => {
    const { strange, refused, ran, complained, files } = fuzz(2000, 1);
    expect(strange).toEqual([]);
    expect(refused + ran + complained).toBe(files);
    expect(refused).toBeGreaterThan(files / 4);
    expect(ran).toBeGreaterThan(files / 50);
  });
});
