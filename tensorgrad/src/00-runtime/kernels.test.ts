import { describe, expect, it } from "vitest";
import { kernelChoice, kernels, useKernels } from "./kernels.ts";
import { Storage } from "./memory/storage.ts";

const reference = {
  /** y = 2x, and in no build of the kernels. */
  newlyWritten(x: ArrayLike<number>, y: Float32Array, n: number) {
    for (let i = 0; i < n; i++) y[i] = 2 * x[i];
  },
};
const operand = <D extends "float32" | "float64" | "int32">(dtype: D, elements: Float32Array) => ({
  dtype,
  elements,
  pointer: 0,
  storage: new Storage(dtype, 0, [0]),
});
const call = (
  launchers: ReturnType<typeof kernels<typeof reference>>,
  dtype: "float32" | "float64" | "int32",
) => {
  const y = new Float32Array(2);
  launchers.newlyWritten(operand(dtype, Float32Array.of(1, 2)), operand(dtype, y), 2);
  return [...y];
};

describe.runIf(kernelChoice() === "simd")("a kernel that was not compiled yet", () => {
  it("is refused by name, rather than computed by plain loops", () => {
    expect(() => call(kernels(reference), "float32")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: kernels: newlyWritten in float32 is not among those in generated/kernels.ts — they are older than the sources; compile them: npm run build:kernels]`,
    );
    const moving = kernels(reference, {}, { moving: ["newlyWritten"] });
    expect(() => call(moving, "int32")).toThrow("newlyWritten in int32");
  });

  it("is computed in other types, where plain loops are its only form, and on request", () => {
    expect(call(kernels(reference), "float64")).toEqual([2, 4]);
    expect(call(kernels(reference, {}, { plain: ["newlyWritten"] }), "float32")).toEqual([2, 4]);
    useKernels("reference");
    try {
      expect(call(kernels(reference), "float32")).toEqual([2, 4]);
    } finally {
      useKernels("simd");
    }
  });
});
