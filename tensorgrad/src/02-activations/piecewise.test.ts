import fc from "fast-check";
import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { heap, kernelChoice, scope, useKernels } from "../00-runtime/index.ts";
import { fromArray, ones, type Tensor, tensor } from "../01-tensor/index.ts";
import {
  type Activation,
  ELU,
  elu,
  LeakyReLU,
  leakyRelu,
  ReLUSquared,
  relu,
  reluSquared,
  Softplus,
  sigmoid,
  softplus,
} from "./index.ts";

const { E, LN2, log } = Math;
const float64 = { dtype: "float64" } as const;
const far = [-1000, 1000, -Infinity, Infinity];

interface Row {
  readonly layer: Activation;
  readonly f: (x: Tensor) => Tensor;
  /** By hand: x, f(x), f′(x). */
  readonly points: readonly (readonly [x: number, y: number, slope: number])[];
  /** f and f′ at −1000, 1000, −∞ and ∞. */
  readonly limits: readonly number[];
  readonly slopes: readonly number[];
}

const table: Row[] = [
  {
    layer: new LeakyReLU({ negativeSlope: 0.25 }),
    f: (x) => leakyRelu(x, { negativeSlope: 0.25 }),
    points: [
      [-2, -0.5, 0.25],
      [0, 0, 0.25],
      [3, 3, 1],
    ],
    limits: [-250, 1000, -Infinity, Infinity],
    slopes: [0.25, 1, 0.25, 1],
  },
  {
    layer: new ELU(),
    f: elu, // e^(−ln 2) = ½
    points: [
      [-LN2, -0.5, 0.5],
      [0, 0, 1],
      [2, 2, 1],
    ],
    limits: [-1, 1000, -1, Infinity],
    slopes: [0, 1, 0, 1],
  },
  {
    layer: new ELU({ alpha: 2 }),
    f: (x) => elu(x, { alpha: 2 }),
    points: [
      [-1, 2 / E - 2, 2 / E],
      [1, 1, 1],
    ],
    limits: [-2, 1000, -2, Infinity],
    slopes: [0, 1, 0, 1],
  },
  {
    layer: new Softplus(),
    f: softplus, // 1 + e^(ln 3) = 4
    points: [
      [0, LN2, 0.5],
      [log(3), log(4), 0.75],
      [-log(3), log(4 / 3), 0.25],
    ],
    limits: [0, 1000, 0, Infinity],
    slopes: [0, 1, 0, 1],
  },
  {
    layer: new Softplus({ beta: 2, threshold: Infinity }),
    f: (x) => softplus(x, { beta: 2, threshold: Infinity }),
    points: [
      [0, LN2 / 2, 0.5],
      [log(3) / 2, log(4) / 2, 0.75],
    ],
    limits: [0, 1000, 0, Infinity],
    slopes: [0, 1, 0, 1],
  },
  {
    layer: new ReLUSquared(),
    f: reluSquared,
    points: [
      [-2, 0, 0],
      [0, 0, 0],
      [3, 9, 6],
    ],
    limits: [0, 1e6, 0, Infinity],
    slopes: [0, 2000, 0, Infinity],
  },
];

const initial = kernelChoice();
afterEach(() => useKernels(initial));

for (const { layer, f, points, limits, slopes } of table) {
  describe(String(layer), () => {
    const x = tensor(
      points.map(([x]) => x),
      float64,
    );

    it("has the values and slopes computed by hand", () => {
      expect(distance(f(x), points, 1)).toBeLessThan(1e-15);
      for (const slope of bothSlopes(f, x)) expect(distance(slope, points, 2)).toBeLessThan(1e-15);
    });

    it("has them in float32, on either kind of kernels", () => {
      for (const choice of ["simd", "reference"] as const) {
        useKernels(choice);
        const x32 = x.to("float32");
        expect(distance(f(x32), points, 1), choice).toBeLessThan(2e-7);
        for (const slope of bothSlopes(f, x32)) expect(distance(slope, points, 2), choice).toBeLessThan(2e-7);
      }
    });

    it("neither overflows nor loses NaN, far out", () => {
      for (const dtype of ["float32", "float64"] as const) {
        const x = tensor([...far, NaN], { dtype });
        expect(positiveZeros(f(x))).toEqual([...limits, NaN]);
        for (const slope of bothSlopes(f, x)) expect(positiveZeros(slope).slice(0, 4)).toEqual(slopes);
      }
    });

    it("passes the same gradient by its kernel as by its rule, and it is the slope", () => {
      const number = fc.integer({ min: -1024, max: 1024 }).map((n) => (n + 0.5) / 256); // off the kinks
      fc.assert(
        fc.property(fc.array(number, { minLength: 1, maxLength: 9 }), (values) => {
          const x = tensor(values, float64);
          const [fused, composed] = bothSlopes(f, x);
          const h = 1e-5;
          const expected = Array.from(f(x.add(h)).sub(f(x.sub(h))).data, (rise) => rise / (2 * h));
          expect(distance(fused, expected)).toBeLessThan(1e-9);
          expect(distance(composed, fused.data)).toBeLessThan(1e-14);
        }),
      );
    });

    it("is a layer that calls the function", () => {
      expect(layer.forward(x).toArray()).toEqual(f(x).toArray());
    });

    it("works on strided views, on integers, and on nothing", () => {
      const x = tensor([
        [-2, 3],
        [1, 0],
      ]);
      expect(f(x.t()).toArray()).toEqual(f(x).t().toArray());
      expect(f(x.to("int32")).toArray()).toEqual(f(x).toArray());
      expect(f(x.narrow(0, 0, 0)).shape).toEqual([0, 2]);
      const leaf = tensor([-2, 3, 1, 0], { requiresGrad: true });
      f(leaf.reshape(2, 2).t()).mul(x).sum().backward(); // a strided input, a strided gradient
      const straight = tensor([-2, 3, 1, 0], { requiresGrad: true });
      f(straight).mul(x.t().flatten(0)).sum().backward();
      expect(leaf.grad?.toArray()).toEqual(straight.grad?.toArray());
    });
  });
}

describe("leakyRelu", () => {
  it("lies between relu (slope 0) and the identity (slope 1); 0.01 unless told", () => {
    const x = tensor([-100, -0.5, 0, 2]);
    expect(positiveZeros(leakyRelu(x, { negativeSlope: 0 }))).toEqual([...relu(x).data]);
    expect(leakyRelu(x, { negativeSlope: 1 }).toArray()).toEqual(x.toArray());
    expect(leakyRelu(x).data[0]).toBeCloseTo(-1, 6);
  });
});

describe("elu", () => {
  it("keeps the digits of small negative numbers: e^x − 1 ≈ x", () => {
    expect(elu(tensor([-1e-10], float64)).item()).toBeCloseTo(-1e-10, 20);
    expect(elu(tensor([-1e-10])).item()).toBe(Math.fround(-1e-10));
  });
});

describe("softplus", () => {
  const number = fc.integer({ min: -5120, max: 5120 }).map((n) => n / 256);
  const at = (f: (x: Tensor) => Tensor, x: number) => f(tensor(x, float64)).item();

  it("splits x into two halves: f(x) − f(−x) = x", () =>
    fc.assert(
      fc.property(number, (x) => {
        expect(at(softplus, x) - at(softplus, -x)).toBeCloseTo(x, 8); // beyond the threshold 2e-9 off
      }),
    ));

  it("is −ln σ(−x), without the logarithm of a number near 0", () => {
    fc.assert(
      fc.property(number, (x) => {
        expect(at(softplus, x)).toBeCloseTo(-log(at(sigmoid, -x)), 8); // beyond the threshold 2e-9 off
      }),
    );
    expect(at(softplus, -700)).toBe(Math.exp(-700));
  });

  it("is x beyond the threshold on βx, an error below e^−threshold", () => {
    const beyond = softplus(tensor([20, 20.5, 1e300], float64));
    expect(beyond.data[0]).toBeGreaterThan(20);
    expect([...beyond.data.slice(1)]).toEqual([20.5, 1e300]);
    expect(at((x) => softplus(x, { threshold: Infinity }), 20.5) - 20.5).toBeLessThan(Math.exp(-20));
    expect(at((x) => softplus(x, { beta: 4, threshold: 2 }), 0.75)).toBe(0.75);
    expect(at((x) => softplus(x, { beta: 4, threshold: 2 }), 0.5)).toBeGreaterThan(0.5);
  });

  it("comes near relu as beta grows", () => {
    const x = tensor([-1, -0.5, 0.5, 1], float64);
    const gap = softplus(x, { beta: 100 }).sub(relu(x)).abs().max().item();
    expect(gap).toBeLessThan(1e-20);
  });

  it("stays near the truth in float32 where beta is no power of two", () => {
    const x = tensor(Array.from({ length: 2001 }, (_, i) => (i - 1000) / 50));
    const truth = softplus(x.to("float64"), { beta: Math.fround(0.7) });
    expect(distance(softplus(x, { beta: 0.7 }), truth.data)).toBeLessThan(2e-6);
  });
});

describe("memory", () => {
  it("is one tensor for the result and one for the gradient: nothing in between, nothing kept", () => {
    const n = 65_536;
    for (const { layer, f } of table) {
      using _ = scope();
      const [x, g] = [ones([n]), ones([n])];
      x.requiresGrad = true;
      const before = heap.live;
      heap.resetPeak();
      const y = f(x);
      expect((heap.peak - before) / (4 * n), String(layer)).toBeCloseTo(1, 2);
      y.backward(g);
      expect((heap.peak - before) / (4 * n), String(layer)).toBeCloseTo(2, 2);
    }
  });
});

describe("the settings", () => {
  it("are printed as typed", () => {
    expect(table.map(({ layer }) => String(layer))).toEqual([
      "LeakyReLU(negativeSlope: 0.25)",
      "ELU(alpha: 1)",
      "ELU(alpha: 2)",
      "Softplus(beta: 1, threshold: 20)",
      "Softplus(beta: 2, threshold: Infinity)",
      "ReLUSquared()",
    ]);
  });

  it("have PyTorch's defaults", () => {
    expect({ ...new LeakyReLU(), ...new ELU(), ...new Softplus() }).toEqual({
      negativeSlope: 0.01,
      alpha: 1,
      beta: 1,
      threshold: 20,
    });
  });

  it("are refused where no output would be a number", () => {
    const x = ones([1]);
    expect(() => leakyRelu(x, { negativeSlope: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: leakyRelu: negativeSlope = NaN — a finite number]`,
    );
    expect(() => new LeakyReLU({ negativeSlope: Infinity })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LeakyReLU: negativeSlope = Infinity — a finite number]`,
    );
    expect(() => elu(x, { alpha: Infinity })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: elu: alpha = Infinity — a finite number]`,
    );
    expect(() => new ELU({ alpha: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ELU: alpha = NaN — a finite number]`,
    );
    expect(() => softplus(x, { beta: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: softplus: beta = 0 — a positive, finite number]`,
    );
    expect(() => new Softplus({ beta: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Softplus: beta = -1 — a positive, finite number]`,
    );
    expect(() => new Softplus({ threshold: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Softplus: threshold = NaN — a number; Infinity for none]`,
    );
  });
});

/** f′ at every element: in one pass, and by the rule that can be differentiated again. */
function bothSlopes(f: (x: Tensor) => Tensor, at: Tensor): [Tensor, Tensor] {
  const x = fromArray(at.data, at.shape, { dtype: at.dtype });
  x.requiresGrad = true;
  const gradOutputs = ones(x.shape, { dtype: x.dtype });
  const [fused] = grad(f(x), [x], { gradOutputs });
  const [composed] = grad(f(x), [x], { gradOutputs, createGraph: true });
  return [fused, composed];
}

const positiveZeros = (y: Tensor): number[] => Array.from(y.data, (value) => value + 0);

/** The largest difference from a list of numbers, or from one column of a list of rows. */
function distance(
  y: Tensor,
  expected: ArrayLike<number> | readonly (readonly number[])[],
  column = 0,
): number {
  return Math.max(
    ...Array.from(y.data, (value, i) => {
      const row = expected[i];
      return Math.abs(value - (typeof row === "number" ? row : row[column]));
    }),
  );
}
