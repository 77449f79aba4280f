import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../../../00-runtime/index.ts";
import { type Tensor, tensor } from "../../index.ts";

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

describe("kernels with a quicker form for small numbers", () => {
  const sizes = fc.oneof(
    { weight: 40, arbitrary: fc.double({ min: -12, max: 12, noNaN: true }) },
    fc
      .constantFrom(13, 15, 87.33, 88.5, 89, 103, 104, 1e30, Infinity, 0)
      .chain((x) => fc.constantFrom(x, -x)),
    fc.constant(NaN),
  );
  const slope = (x: Tensor): Tensor => {
    const leaf = x.detach();
    leaf.requiresGrad = true;
    leaf.gelu().sum().backward();
    return leaf.grad as Tensor;
  };

  it.each([
    ["exp", (x: Tensor) => x.exp()],
    ["sigmoid", (x: Tensor) => x.sigmoid()],
    ["gelu's gradient", slope],
  ] as const)("%s gives an element the same bits, whoever stands beside it", (_, f) => {
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 240, maxLength: 500 }), (list) => {
        const x = tensor(list, { dtype: "float32" });
        const alone = list.map((value) => f(tensor([value], { dtype: "float32" })).item());
        expect([...f(x).data]).toEqual(alone);
        expect([...f(x.slice(0, 0, undefined, 3)).data]).toEqual(alone.filter((_, i) => i % 3 === 0));
      }),
      { numRuns: 6 },
    );
  });

  it("take every place of a block into account", () => {
    for (let i = 0; i < 243; i++) {
      const x = new Float32Array(243).fill(-0.5);
      x[i] = -104.5;
      expect(tensor(x).exp().data[i]).toBe(0);
      x[i] = 104.5;
      expect(tensor(x).exp().data[i]).toBe(Infinity);
    }
  });
});
