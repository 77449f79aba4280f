import fc from "fast-check";
import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../../../00-runtime/index.ts";
import { cat, type Tensor, tensor } from "../../index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));
const float64 = { dtype: "float64" } as const;
const numbers = (values: readonly number[]) => tensor([...values], { ...float64, requiresGrad: true });
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 10));
const list = fc.array(fc.integer({ min: -32, max: 32 }), { minLength: 1, maxLength: 20 });

describe("cumprod", () => {
  it("multiplies along a dim, on either kind of kernels", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      const x = tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      expect(x.cumprod(1).toArray()).toEqual([
        [1, 2, 6],
        [4, 20, 120],
      ]);
      expect(x.cumprod(-2).toArray()).toEqual([
        [1, 2, 3],
        [4, 10, 18],
      ]);
      expect(x.narrow(0, 0, 0).cumprod(0).shape).toEqual([0, 3]);
      expect(tensor(7).cumprod(0).item()).toBe(7);
    }
  });

  it("stays 0 behind a 0, whatever overflows there", () => {
    expect(tensor([0, 1e30, 1e30]).cumprod(0).toArray()).toEqual([0, 0, 0]);
    expect(tensor([Infinity, 2]).cumprod(0).toArray()).toEqual([Infinity, Infinity]);
  });

  it("has the slopes of the products, with one 0 or two (PyTorch 1.13: [3, 0, 0, 0] and [8, 0, 0])", () => {
    const slopes = (values: readonly number[]) => {
      const x = numbers(values);
      return [...grad(x.cumprod(0).sum(), [x])[0].data];
    };
    expect(slopes([0, 2, 0, 3])).toEqual([3, 0, 0, 0]);
    expect(slopes([2, 0, 3])).toEqual([1, 8, 0]);
    expect(slopes([2, 3, 4])).toEqual([1 + 3 + 12, 2 + 8, 6]);
  });

  it("counts integers exactly, and refuses what int32 does not hold", () => {
    const x = tensor([3, -5, 7], { dtype: "int32" });
    expect(x.cumprod(0).toArray()).toEqual([3, -15, -105]);
    expect(x.cumprod(0).dtype).toBe("int32");
    expect(() => tensor([65536, 65536], { dtype: "int32" }).cumprod(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: cumprod: 4294967296 at element 1 of the result [2] — int32 holds integers from -2147483648 to 2147483647; convert first: x.to("float64")]`,
    );
  });

  it("is prod of the beginnings, in value and slope", () =>
    fc.assert(
      fc.property(list, (drawn) => {
        const [x, y] = [numbers(drawn.map((n) => n / 16)), numbers(drawn.map((n) => n / 16))];
        const products = cat(
          drawn.map((_, j) =>
            y
              .narrow(0, 0, j + 1)
              .prod()
              .reshape(1),
          ),
        );
        const weights = tensor(
          drawn.map((_, j) => Math.cos(j)),
          float64,
        );
        expect(furthest(x.cumprod(0), products)).toBeLessThan(1e-9 * size(products));
        const [dx, dy] = [x.cumprod(0), products].map((p, i) => grad(p.mul(weights).sum(), [i ? y : x])[0]);
        expect(furthest(dx, dy)).toBeLessThan(1e-9 * size(dy));
      }),
    ));
});

describe("logcumsumexp", () => {
  const { log } = Math;

  it("is ln of running sums, safe from overflow and from the loss of small terms behind large ones", () => {
    const y = tensor([log(1), log(2), log(3)], float64).logcumsumexp(0);
    expect([...y.data]).toEqual(near([0, log(3), log(6)]));
    expect([...tensor([1000, 1000, -1000], float64).logcumsumexp(0).data]).toEqual(
      near([1000, 1000 + log(2), 1000 + log(2)]),
    );
    expect([...tensor([-1000, 0], float64).logcumsumexp(0).data]).toEqual([-1000, 0]);
  });

  it("is −∞ while nothing but −∞ came, without harm to gradients", () => {
    const x = numbers([-Infinity, -Infinity, 2, 2]);
    const y = x.logcumsumexp(0);
    expect([...y.data]).toEqual([-Infinity, -Infinity, 2, expect.closeTo(2 + log(2), 12)]);
    expect([...grad(y.narrow(0, 2, 2).sum(), [x])[0].data]).toEqual([0, 0, 1.5, 0.5]);
    expect([...tensor([1, NaN, 2]).logcumsumexp(0).data]).toEqual([1, NaN, NaN]);
  });

  it("is logSumExp of the beginnings, in value and slope", () =>
    fc.assert(
      fc.property(list, (drawn) => {
        const [x, y] = [numbers(drawn), numbers(drawn)];
        const sums = cat(
          drawn.map((_, j) =>
            y
              .narrow(0, 0, j + 1)
              .logSumExp()
              .reshape(1),
          ),
        );
        const weights = tensor(
          drawn.map((_, j) => Math.cos(j)),
          float64,
        );
        expect(furthest(x.logcumsumexp(0), sums)).toBeLessThan(1e-11);
        const [dx, dy] = [x.logcumsumexp(0), sums].map((p, i) => grad(p.mul(weights).sum(), [i ? y : x])[0]);
        expect(furthest(dx, dy)).toBeLessThan(1e-11);
      }),
    ));
});

const furthest = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
const size = (x: Tensor): number => 1 + x.abs().max().item();
