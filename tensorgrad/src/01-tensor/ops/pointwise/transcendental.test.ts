import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../../../00-runtime/index.ts";
import { type Tensor, tensor } from "../../index.ts";

const { PI, LN2, cosh, fround, sinh, sqrt } = Math;
const initial = kernelChoice();
afterEach(() => useKernels(initial));

/** What float64 and, within two units of its last place, both kinds of kernels give in float32. */
function expectValues(f: (x: Tensor) => Tensor, at: readonly number[], values: readonly number[]): void {
  expect([...f(tensor([...at], { dtype: "float64" })).data]).toEqual(values.map((y) => close(y, 2 ** -51)));
  for (const choice of ["simd", "reference"] as const) {
    useKernels(choice);
    expect([...f(tensor([...at])).data], choice).toEqual(values.map((y) => close(fround(y), 2 ** -22)));
  }
}

/** Within a share of its size; signed zeros, infinities and NaN as they are. */
const close = (y: number, share: number): number =>
  y === 0 || !Number.isFinite(y) ? y : expect.closeTo(y, -Math.log10(Math.abs(y) * share * 2));

const slopes = (f: (x: Tensor) => Tensor, at: readonly number[]): number[] => {
  const x = tensor([...at], { dtype: "float64", requiresGrad: true });
  return [...grad(f(x).sum(), [x])[0].data];
};

describe("tan", () => {
  it("is 1 at 45°, and odd", () => {
    expectValues((x) => x.tan(), [PI / 4, -PI / 3, 0, -0, Infinity], [1, -sqrt(3), 0, -0, NaN]);
    expect(slopes((x) => x.tan(), [PI / 4, 0])).toEqual([expect.closeTo(2, 14), 1]);
  });
});

describe("asin and acos", () => {
  const at = [0.5, 1, -1, 0, 1.5, NaN];
  it("are angles, from −90° to 90° and from 0° to 180°; NaN beyond ±1", () => {
    expectValues((x) => x.asin(), [...at, -0], [PI / 6, PI / 2, -PI / 2, 0, NaN, NaN, -0]);
    expectValues((x) => x.acos(), at, [PI / 3, 0, PI, PI / 2, NaN, NaN]);
  });

  it("lose no digits where 1 − x² is small", () => {
    const x = 1 - 2 ** -23;
    const angle = sqrt(2 ** -22) * (1 + 2 ** -23 / 12); // acos x = √(2·(1 − x))·(1 + (1 − x)/12 + …)
    expectValues((x) => x.acos(), [x], [angle]);
    expectValues((x) => x.asin(), [1e-30, -1e-42], [1e-30, -1e-42]);
  });

  it("have the slopes ±∞ at ±1, as in PyTorch", () => {
    expect(slopes((x) => x.asin(), [1, -1, 0.6, 2])).toEqual([
      Infinity,
      Infinity,
      expect.closeTo(1.25, 14),
      NaN,
    ]);
    expect(slopes((x) => x.acos(), [1, 0.6])).toEqual([-Infinity, expect.closeTo(-1.25, 14)]);
  });
});

describe("atan2", () => {
  const angle = (a: readonly number[], b: readonly number[]) => (choice: "simd" | "reference") => {
    useKernels(choice);
    return [...tensor([...a]).atan2(tensor([...b])).data];
  };

  it("tells all four quadrants apart, and both signs of 0, as C's atan2", () => {
    const a = [1, 1, -1, -1, 0, -0, 0, -0, 2, -2, 3, NaN, 0];
    const b = [1, -1, -1, 1, -1, -1, 0, -0, 0, -0, -0, 1, NaN];
    const quarters = [1, 3, -3, -1, 4, -4, 0, -4, 2, -2, 2, NaN, NaN];
    for (const choice of ["simd", "reference"] as const) {
      const expected = quarters.map((n, i) =>
        Object.is(a[i], -0) && n === 0 ? -0 : close(fround((n * PI) / 4), 2 ** -23),
      );
      expect(angle(a, b)(choice), choice).toEqual(expected);
    }
  });

  it("takes two infinities for equal, and neither overflows nor vanishes", () => {
    const a = [Infinity, -Infinity, Infinity, 1, -1, 1e-40, 3e38];
    const b = [Infinity, -Infinity, 5, Infinity, -Infinity, 1e-40, 3e38];
    for (const choice of ["simd", "reference"] as const) {
      const quarters = [1, -3, 2, 0, -4, 1, 1].map((n) => close(fround((n * PI) / 4), 2 ** -23));
      expect(angle(a, b)(choice), choice).toEqual(quarters);
    }
  });

  it("has slopes b/(a² + b²) and −a/(a² + b²), also where squares overflow; NaN at (0, 0), as in PyTorch", () => {
    const a = tensor([3, 3e30, 3e-30, 0], { requiresGrad: true });
    const b = tensor([4, 4e30, 4e-30, 0], { requiresGrad: true });
    const [da, db] = grad(a.atan2(b).sum(), [a, b]);
    const near = (values: readonly number[]) =>
      values.map((y) => (Number.isNaN(y) ? y : close(fround(y), 2 ** -21)));
    expect([...da.data]).toEqual(near([0.16, 1.6e-31, 1.6e29, NaN]));
    expect([...db.data]).toEqual(near([-0.12, -1.2e-31, -1.2e29, NaN]));
  });
});

describe("sinh and cosh", () => {
  it("are (eˣ ∓ e⁻ˣ)/2", () => {
    expectValues(
      (x) => x.sinh(),
      [LN2, -LN2, 0, -0, Infinity, -Infinity],
      [0.75, -0.75, 0, -0, Infinity, -Infinity],
    );
    expectValues(
      (x) => x.cosh(),
      [LN2, -LN2, 0, Infinity, -Infinity, NaN],
      [1.25, 1.25, 1, Infinity, Infinity, NaN],
    );
    expect(slopes((x) => x.sinh(), [LN2])).toEqual([expect.closeTo(1.25, 14)]);
    expect(slopes((x) => x.cosh(), [LN2])).toEqual([expect.closeTo(0.75, 14)]);
  });

  it("neither cancel near 0 nor overflow before they must: e^89 is beyond float32, e^89/2 is not", () => {
    expectValues((x) => x.sinh(), [1e-20, -1e-42], [1e-20, -1e-42]);
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      expect(tensor([89]).sinh().item() / sinh(89), choice).toBeCloseTo(1, 6);
      expect(tensor([-89]).cosh().item() / cosh(89), choice).toBeCloseTo(1, 6);
    }
  });
});

describe("exp2, log2 and log10", () => {
  it("are exact at powers", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      const powers = [-149, -126, -1, 0, 3, 127];
      expect([...tensor(powers).exp2().data], choice).toEqual(powers.map((n) => 2 ** n));
      expect([...tensor(powers.map((n) => 2 ** n)).log2().data], choice).toEqual(powers);
      expect([...tensor([1, 10, 1000, 1e6, 1e10]).log10().data], choice).toEqual([0, 1, 3, 6, 10]);
    }
  });

  it("have the limits of eˣ and ln x", () => {
    expectValues((x) => x.exp2(), [0.5, Infinity, -Infinity, NaN], [sqrt(2), Infinity, 0, NaN]);
    expectValues((x) => x.log2(), [sqrt(2), 0, -1, Infinity], [0.5, -Infinity, NaN, Infinity]);
    expectValues((x) => x.log10(), [sqrt(10), 0, -1, Infinity], [0.5, -Infinity, NaN, Infinity]);
    expect(slopes((x) => x.exp2(), [3])).toEqual([expect.closeTo(8 * LN2, 14)]);
    expect(slopes((x) => x.log2(), [4])).toEqual([expect.closeTo(1 / (4 * LN2), 14)]);
  });

  it("make integers float32, as other functions do", () => {
    expect(tensor([8]).to("int32").log2().toArray()).toEqual([3]);
  });
});

describe("fmod", () => {
  it("keeps the sign of what is divided, and is exact", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      const [a, b] = [
        [5.5, -5.5, 5.5, -4, 1e30, 1, Infinity, 1, NaN],
        [2, 2, -2, 2, 3, Infinity, 2, 0, 1],
      ];
      const expected = [1.5, -1.5, 1.5, -0, fround(1e30) % 3, 1, NaN, NaN, NaN];
      expect([...tensor(a).fmod(tensor(b)).data], choice).toEqual(expected);
    }
  });

  it("works on integers, which it refuses to divide by 0", () => {
    const x = tensor([7, -7], { dtype: "int32" });
    expect(x.fmod(4).toArray()).toEqual([3, -3]);
    expect(() => x.fmod(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: fmod: int32 [2] by 0 — integers have no remainder then; convert first: x.to("float32")]`,
    );
  });

  it("passes g to a, and −g times the whole number of times to b", () => {
    const a = tensor([5.5, -5.5, 7], { dtype: "float64", requiresGrad: true });
    const b = tensor([2, 2, -2], { dtype: "float64", requiresGrad: true });
    const [da, db] = grad(a.fmod(b).sum(), [a, b]);
    expect([...da.data]).toEqual([1, 1, 1]);
    expect([...db.data]).toEqual([-2, 2, 3]);
  });
});
