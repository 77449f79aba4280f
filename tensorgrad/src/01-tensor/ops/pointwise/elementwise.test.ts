import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../../../00-runtime/index.ts";
import { tensor } from "../../index.ts";

const { PI, sqrt } = Math;
const initial = kernelChoice();
afterEach(() => useKernels(initial));

describe("atan", () => {
  it("is the angle of a slope: π/4 at 1, π/6 at 1/√3, π/3 at √3, and odd", () => {
    const y = tensor([1, 1 / sqrt(3), sqrt(3), -1], { dtype: "float64" }).atan();
    expect([...y.data]).toEqual([PI / 4, PI / 6, PI / 3, -PI / 4].map((angle) => expect.closeTo(angle, 15)));
  });

  it("levels off at ±π/2, and keeps zeros and NaN, on either kind of kernels", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      const y = tensor([Infinity, -Infinity, 0, -0, NaN]).atan();
      const limit = Math.fround(PI / 2);
      expect([...y.data], choice).toEqual([limit, -limit, 0, -0, NaN]);
    }
  });

  it("makes integers float32, as other functions do", () => {
    expect(tensor([1]).to("int32").atan().dtype).toBe("float32");
  });
});
