import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../../src/00-runtime/index.ts";
import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import {
  GELU,
  gelu,
  ReLU,
  relu,
  Sigmoid,
  SiLU,
  Softmax,
  sigmoid,
  silu,
  softmax,
  Tanh,
  tanh,
} from "../../src/02-activations/index.ts";

const [ln2, ln3] = [Math.log(2), Math.log(3)];
const below1 = 0.8413447460685429; // Φ(1), the share of a normal distribution within one deviation, and half of the rest

const table = [
  { layer: new ReLU(), f: relu, points: { "-2": 0, 0: 0, 3: 3 }, limits: [0, 1000] },
  // e^(ln 3) = 3: σ = 3/(3 + 1)
  { layer: new Sigmoid(), f: sigmoid, points: { 0: 0.5, [ln3]: 0.75, [-ln3]: 0.25 }, limits: [0, 1] },
  // e^(±ln 2): (2 − ½)/(2 + ½)
  { layer: new Tanh(), f: tanh, points: { 0: 0, [ln2]: 0.6, [-ln2]: -0.6 }, limits: [-1, 1] },
  { layer: new SiLU(), f: silu, points: { 0: 0, [ln3]: 0.75 * ln3, [-ln3]: -0.25 * ln3 }, limits: [0, 1000] },
  { layer: new GELU(), f: gelu, points: { 0: 0, 1: below1, "-1": below1 - 1 }, limits: [0, 1000] },
  {
    layer: new GELU({ approximate: "tanh" }),
    f: (x: Tensor) => gelu(x, { approximate: "tanh" }),
    points: { 0: 0, 1: 0.8411919906082768, "-1": 0.8411919906082768 - 1 },
    limits: [0, 1000],
  },
] as const;

const initial = kernelChoice();
afterEach(() => useKernels(initial));

for (const { layer, f, points, limits } of table) {
  describe(String(layer), () => {
    const inputs = Object.keys(points).map(Number);

    it("has the values computed by hand", () => {
      const y = f(tensor(inputs, { dtype: "float64" }));
      expect(distance(y, Object.values(points))).toBeLessThan(1e-15);
    });

    it("has them in float32, on either kind of kernels", () => {
      for (const choice of ["simd", "reference"] as const) {
        useKernels(choice);
        expect(distance(f(tensor(inputs)), Object.values(points)), choice).toBeLessThan(2e-7);
      }
    });

    it("saturates instead of overflowing", () => {
      for (const dtype of ["float32", "float64"] as const) {
        const [low, high, minus, plus, none] = f(
          tensor([-1000, 1000, -Infinity, Infinity, NaN], { dtype }),
        ).data;
        expect([low + 0, high]).toEqual(limits);
        expect([minus + 0, plus]).toEqual(limits.map((limit) => (limit === 1000 ? Infinity : limit)));
        expect(none).toBeNaN();
      }
    });

    it("is a layer that calls the function", () => {
      const x = tensor([
        [-1, 0],
        [1, 2],
      ]);
      expect(layer.forward(x).toArray()).toEqual(f(x).toArray());
    });

    it("works on strided views, on integers, and on nothing", () => {
      const x = tensor([
        [-2, 3],
        [1, 0],
      ]);
      expect(f(x.t()).toArray()).toEqual(f(x).t().toArray());
      expect(f(x.to("int32")).to("float32").toArray()).toEqual(f(x).toArray());
      expect(f(x.narrow(0, 0, 0)).shape).toEqual([0, 2]);
    });
  });
}

describe("activations", () => {
  // On a grid of 2^-8: exact in float32, short in counterexamples.
  const number = fc.integer({ min: -2560, max: 2560 }).map((n) => n / 256);
  const check = (law: (at: (f: (x: Tensor) => Tensor, x: number) => number, x: number) => void) =>
    fc.assert(fc.property(number, (x) => law((f, x) => f(tensor(x, { dtype: "float64" })).item(), x)));

  it("split x into two halves: f(x) − f(−x) = x for relu, silu and gelu", () =>
    check((at, x) => {
      for (const f of [relu, silu, gelu]) expect(at(f, x) - at(f, -x)).toBeCloseTo(x, 12);
    }));

  it("are symmetric: σ(x) + σ(−x) = 1, tanh(−x) = −tanh(x), tanh(x) = 2σ(2x) − 1", () =>
    check((at, x) => {
      expect(at(sigmoid, x) + at(sigmoid, -x)).toBeCloseTo(1, 14);
      expect(at(tanh, -x)).toBe(-at(tanh, x));
      expect(at(tanh, x)).toBeCloseTo(2 * at(sigmoid, 2 * x) - 1, 14);
    }));

  it("approximate: GELU's two forms differ by less than 5e-4", () => {
    const x = tensor(
      Array.from({ length: 1201 }, (_, i) => (i - 600) / 100),
      { dtype: "float64" },
    );
    const difference = gelu(x)
      .sub(gelu(x, { approximate: "tanh" }))
      .abs()
      .max()
      .item();
    expect(difference).toBeLessThan(5e-4);
    expect(difference).toBeGreaterThan(4e-4); // not the same function, either
  });

  it("print as they are made", () => {
    const layers = [...table.map(({ layer }) => layer), new Softmax(), new Softmax(1)];
    expect(layers.map(String)).toEqual([
      "ReLU()",
      "Sigmoid()",
      "Tanh()",
      "SiLU()",
      'GELU(approximate: "none")',
      'GELU(approximate: "tanh")',
      "Softmax(dim: -1)",
      "Softmax(dim: 1)",
    ]);
  });

  it("know two forms of GELU", () => {
    const approximate = "sigmoid" as "tanh";
    expect(() => gelu(tensor([1]), { approximate })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: gelu: approximate = "sigmoid" — "none" or "tanh"]`,
    );
    expect(() => new GELU({ approximate })).toThrowError("GELU: approximate");
  });

  it("leave their input as it was", () => {
    const x = tensor([-1, 0, 2]);
    for (const { f } of table) f(x);
    softmax(x);
    expect(x.toArray()).toEqual([-1, 0, 2]);
  });
});

/** The largest difference between a tensor's elements and what they should be. */
const distance = (y: Tensor, expected: readonly number[]): number =>
  Math.max(...Array.from(y.data, (value, i) => Math.abs(value - expected[i])));
