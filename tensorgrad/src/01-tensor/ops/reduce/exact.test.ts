import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../index.ts";

const int32 = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
const [zero, first] = [int32([0]), int32([0, 0, 0, 0])];

/** What forms sums or products of integers, and the same in numbers. */
const sums: Readonly<Record<string, [(x: Tensor) => Tensor, (x: number[]) => number[]]>> = {
  sum: [(x) => x.sum(), (x) => [x.reduce((a, b) => a + b)]],
  prod: [(x) => x.prod(), (x) => [x.reduce((a, b) => a * b) + 0]],
  cumsum: [(x) => x.cumsum(0), (x) => x.map((_, i) => x.slice(0, i + 1).reduce((a, b) => a + b))],
  dot: [(x) => x.dot(x), (x) => [x.reduce((a, b) => a + b * b, 0)]],
  matmul: [(x) => x.reshape(1, 4).matmul(x.reshape(4, 1)), (x) => [x.reduce((a, b) => a + b * b, 0)]],
  scatterAdd: [(x) => zero.scatterAdd(0, first, x), (x) => [x.reduce((a, b) => a + b)]],
  indexAdd: [(x) => zero.indexAdd(0, first, x), (x) => [x.reduce((a, b) => a + b)]],
};

describe("sums of integers", () => {
  it.each(Object.entries(sums))("%s: exact, or refused", (_, [ours, truth]) => {
    const near = (n: number) => fc.integer({ min: n - 2, max: n + 2 });
    const anyInt = fc.oneof(fc.integer({ min: -9, max: 9 }), near(2 ** 30), near(-(2 ** 30)), near(2 ** 15));
    fc.assert(
      fc.property(fc.array(anyInt, { minLength: 4, maxLength: 4 }), (x) => {
        const right = truth(x);
        const fits = right.every((n) => n >= -(2 ** 31) && n < 2 ** 31);
        if (fits) expect([...ours(int32(x)).data]).toEqual(right);
        else expect(() => ours(int32(x))).toThrow(/holds integers from .* to .*; convert first/);
      }),
    );
  });

  it("say which number does not fit, and the remedy", () => {
    const large = int32([2 ** 31 - 1, 1]);
    expect(() => large.sum()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: sum: 2147483648 at element 0 of the result [1] — int32 holds integers from -2147483648 to 2147483647; convert first: x.to("float64")]`,
    );
    expect(() => large.cumsum(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: cumsum: 2147483648 at element 1 of the result [2] — int32 holds integers from -2147483648 to 2147483647; convert first: x.to("float64")]`,
    );
    expect(() => int32([65536, 65536]).prod()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: prod: 4294967296 at element 0 of the result [1] — int32 holds integers from -2147483648 to 2147483647; convert first: x.to("float64")]`,
    );
    expect(large.to("float64").sum().item()).toBe(2 ** 31);
  });

  it("have room for bytes and flags", () => {
    expect(tensor([255, 255], { dtype: "uint8" }).sum().item()).toBe(510);
    expect(tensor([true, true]).sum().dtype).toBe("int32");
  });
});
