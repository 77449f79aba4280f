import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor, zeros } from "../../index.ts";

const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
};

describe("assign", () => {
  it("overwrites a view in place, and what shares its memory sees it", () => {
    const x = zeros([2, 3]);
    x.t().select(0, 1).assign([7, 8]);
    expect(x.toArray()).toEqual([
      [0, 7, 0],
      [0, 8, 0],
    ]);
    x.slice(1, 0, 2).assign(x.slice(1, 1, 3));
    expect(x.toArray()).toEqual([
      [7, 0, 0],
      [8, 0, 0],
    ]);
  });

  it("refuses elements that are one place in memory", () => {
    const x = ones([1]);
    expect(message(() => x.expand(3).assign([1, 2, 3]))).toMatchInlineSnapshot(
      `"ShapeError: assign: into a tensor of shape [3] with strides [0] — some of its elements are one place in memory; assign to a clone(), or to the tensor before expand"`,
    );
    expect(x.item()).toBe(1);
    expect(ones([3, 1]).expand(3, 1).assign([1, 2, 3]).toArray()).toEqual([[1], [2], [3]]);
  });

  it("refuses numbers that the dtype does not hold, and writes none of them", () => {
    const [flags, counts] = [tensor([true, false]), tensor([1, 2], { dtype: "int32" })];
    expect(message(() => flags.assign([1, 5]))).toMatchInlineSnapshot(
      `"RangeError: assign: 5 at element 1 — bool holds 0 and 1; compare first: x.ne(0)"`,
    );
    expect(message(() => counts.assign([3, 1.5]))).toMatchInlineSnapshot(
      `"RangeError: assign: 1.5 at element 1 — int32 holds integers from -2147483648 to 2147483647; use tensor.to("int32") to round"`,
    );
    expect(message(() => counts.assign(tensor([3, Number.NaN])))).toMatchInlineSnapshot(
      `"RangeError: assign: NaN at element 1 — int32 holds integers from -2147483648 to 2147483647; use tensor.to("int32") to round"`,
    );
    expect(message(() => tensor([1], { dtype: "uint8" }).assign([256]))).toMatchInlineSnapshot(
      `"RangeError: assign: 256 at element 0 — uint8 holds integers from 0 to 255; use tensor.to("uint8") to round"`,
    );
    expect([flags.toArray(), counts.toArray()]).toEqual([
      [1, 0],
      [1, 2],
    ]);
  });

  it("stores just what was given, or refuses it, in every dtype and layout", () => {
    const dtypes = fc.constantFrom("bool", "uint8", "int8", "int32", "float64");
    const layouts = fc.constantFrom<(x: Tensor) => Tensor>(
      (x) => x,
      (x) => x.t(),
      (x) => x.slice(0, 0, 4, 2),
      (x) => x.select(1, 0),
      (x) => x.narrow(0, 1, 1).expand(4, 2),
    );
    const numbers = fc.array(
      fc.oneof(fc.integer({ min: -300, max: 300 }), fc.constantFrom(0, 1, 0.5, Number.NaN)),
      {
        minLength: 8,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(dtypes, layouts, numbers, (dtype, layout, values) => {
        const view = layout(zeros([4, 2], { dtype }));
        const given = values.slice(0, view.size);
        try {
          view.assign(given);
        } catch {
          expect([...view.data].every((value) => value === 0)).toBe(true);
          return;
        }
        expect([...view.data]).toEqual(given);
      }),
    );
  });
});
