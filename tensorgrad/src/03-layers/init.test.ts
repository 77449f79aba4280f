import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { ones, type Tensor, zeros } from "../01-tensor/index.ts";
import { init, Linear } from "./index.ts";

const double = { dtype: "float64" } as const;
const seeded = () => ({ random: new Random(11) });

describe("uniform schemes", () => {
  // Shapes whose bound is 1 by hand: then the draws are 2u − 1.
  const bounded: Record<string, Tensor> = {
    "xavier: √(6/(in + out)) with 4 in, 2 out": init.xavierUniform(zeros([2, 4], double), seeded()),
    "xavier, gain 2: with 16 in, 8 out": init.xavierUniform(zeros([8, 16], double), { gain: 2, ...seeded() }),
    "kaiming: √(6/in) with 6 in": init.kaimingUniform(zeros([3, 6], double), seeded()),
    "kaiming, a = √2: √(6/(3·in)) with 2 in": init.kaimingUniform(zeros([3, 2], double), {
      a: Math.SQRT2,
      ...seeded(),
    }),
    "kaiming, fanOut: √(6/out) with 6 out": init.kaimingUniform(zeros([6, 3], double), {
      mode: "fanOut",
      ...seeded(),
    }),
    "uniform itself": init.uniform(zeros([2, 3], double), -1, 1, seeded()),
  };
  for (const [name, x] of Object.entries(bounded)) {
    it(`draw within the bound of ${name}`, () => {
      const { random } = seeded();
      for (const value of x.data) expect(value).toBeCloseTo(2 * random.uniform() - 1, 14);
    });
  }
});

describe("normal schemes", () => {
  // Shapes whose deviation is 1 by hand: then the draws are the generator's own.
  const deviating: Record<string, Tensor> = {
    "xavier: √(2/(in + out)) with 1 in, 1 out": init.xavierNormal(zeros([1, 1], double), seeded()),
    "xavier, gain 2: with 5 in, 3 out": init.xavierNormal(zeros([3, 5], double), { gain: 2, ...seeded() }),
    "kaiming: √(2/in) with 2 in": init.kaimingNormal(zeros([7, 2], double), seeded()),
    "kaiming, a = √3: √(2/(4·in)), ½ with 2 in, doubled": init
      .kaimingNormal(zeros([7, 2], double), { a: Math.sqrt(3), ...seeded() })
      .mul(2),
    "kaiming, fanOut: √(2/out) with 2 out": init.kaimingNormal(zeros([2, 7], double), {
      mode: "fanOut",
      ...seeded(),
    }),
    "normal itself": init.normal(zeros([3, 3], double), 0, 1, seeded()),
  };
  for (const [name, x] of Object.entries(deviating)) {
    it(`draw with the deviation of ${name}`, () => {
      const { random } = seeded();
      for (const value of x.data) expect(value).toBeCloseTo(random.normal(), 14);
    });
  }
});

describe("init", () => {
  it("keeps the moments over many draws, in filters too", () => {
    const filters = [32, 16, 3, 3]; // fanIn 144, fanOut 288
    const cases = [
      [init.xavierUniform(zeros(filters), seeded()), 0, 2 / (144 + 288)],
      [init.xavierNormal(zeros(filters), seeded()), 0, 2 / (144 + 288)],
      [init.kaimingUniform(zeros(filters), seeded()), 0, 2 / 144],
      [init.kaimingNormal(zeros(filters), { mode: "fanOut", ...seeded() }), 0, 2 / 288],
      [init.uniform(zeros(filters), 2, 5, seeded()), 3.5, 9 / 12],
      [init.normal(zeros(filters), -1, 0.5, seeded()), -1, 0.25],
    ] as const;
    for (const [x, mean, variance] of cases) {
      const n = x.size;
      expect(Math.abs(x.mean().item() - mean)).toBeLessThan(4 * Math.sqrt(variance / n));
      expect(Math.abs(x.var().item() / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    }
  });

  it("keeps signals alive through ten layers of ReLU", () => {
    const { random } = seeded();
    let x = init.normal(zeros([50, 128]), 0, 1, { random });
    for (let depth = 0; depth < 10; depth++) {
      x = x.matmul(init.kaimingNormal(zeros([128, 128]), { random }).t()).relu();
    }
    const meanSquare = x.square().mean().item(); // relu keeps half of 2: 1 at every depth
    expect(meanSquare).toBeGreaterThan(0.3);
    expect(meanSquare).toBeLessThan(3);
  });

  it("overwrites the tensor it is given and returns it", () => {
    const { weight } = new Linear(2, 2);
    const [storage, before] = [weight.storage, [...weight.data]];
    expect(init.xavierUniform(weight)).toBe(weight);
    expect(weight.storage).toBe(storage);
    expect([...weight.data]).not.toEqual(before);
    expect(weight.requiresGrad && weight.isLeaf).toBe(true);
    expect([...init.zeros(weight).data]).toEqual([0, 0, 0, 0]);
    expect([...init.ones(weight).data]).toEqual([1, 1, 1, 1]);
  });

  it("reaches the elements of a view, and no others", () => {
    const x = ones([2, 3]);
    init.zeros(x.narrow(1, 0, 1));
    init.uniform(x.narrow(1, 2, 1), 4, 4);
    expect(x.toArray()).toEqual([
      [0, 1, 4],
      [0, 1, 4],
    ]);
  });

  it("counts what an output sees and what an input feeds", () => {
    expect(init.fans([5, 3])).toEqual({ fanIn: 3, fanOut: 5 });
    expect(init.fans([32, 16, 3, 3])).toEqual({ fanIn: 144, fanOut: 288 });
  });

  it("needs two dims for that", () => {
    expect(() => init.kaimingUniform(zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: init: a tensor of shape [3] — fan-in and fan-out need at least two dims, [out, in, …]]`,
    );
    expect(() => init.xavierNormal(zeros([]))).toThrow("fan-in and fan-out need at least two dims");
  });

  it("refuses settings that make no distribution", () => {
    const x = () => zeros([2, 3]);
    expect(() => init.normal(x(), 0, -1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: init.normal: std = -1 — a finite number, 0 or more]`,
    );
    expect(() => init.uniform(x(), 0, Infinity)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: init.uniform: high = Infinity — a finite number]`,
    );
    expect(() => init.xavierUniform(x(), { gain: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: init: gain = NaN — a finite number, 0 or more]`,
    );
    expect(() => init.kaimingNormal(x(), { a: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: init: a = NaN — a finite number]`,
    );
    const wrong: unknown = "fan_in";
    expect(() => init.kaimingUniform(x(), { mode: wrong as "fanIn" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: init: mode = "fan_in" — "fanIn" or "fanOut"]`,
    );
  });

  it("refuses tensors of integers, which would round every draw", () => {
    expect(() => init.uniform(zeros([2], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: init.uniform: a tensor [2] of int32 — random values are fractions; it must be float32 or float64]`,
    );
  });

  it("leaves empty tensors empty", () => {
    for (const shape of [
      [2, 0],
      [0, 2],
      [0, 0],
    ]) {
      expect(init.kaimingUniform(zeros(shape)).shape).toEqual(shape);
      expect(init.xavierNormal(zeros(shape)).shape).toEqual(shape);
    }
  });
});
