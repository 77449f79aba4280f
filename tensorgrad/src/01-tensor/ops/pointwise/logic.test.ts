import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyTensor, at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { fromArray, full, Tensor, tensor, zeros } from "../../index.ts";

const bits = tensor([true, true, false, false]);
const others = tensor([true, false, true, false]);

describe("logicalAnd, logicalOr, logicalXor, logicalNot", () => {
  it("are the tables of truth", () => {
    expect(bits.logicalAnd(others).toArray()).toEqual([1, 0, 0, 0]);
    expect(bits.logicalOr(others).toArray()).toEqual([1, 1, 1, 0]);
    expect(bits.logicalXor(others).toArray()).toEqual([0, 1, 1, 0]);
    expect(bits.logicalNot().toArray()).toEqual([0, 0, 1, 1]);
  });

  it("take any number but 0 for true, NaN as well", () => {
    const x = tensor([-2, 0, NaN, 0.5]);
    const [and, not] = [x.logicalAnd(1), x.logicalNot()];
    expect([and.dtype, and.toArray(), not.dtype, not.toArray()]).toEqual([
      "bool",
      [1, 0, 1, 1],
      "bool",
      [0, 1, 0, 0],
    ]);
    expect(
      tensor([1, 0], { dtype: "int32" })
        .logicalOr(tensor([0, 0]))
        .toArray(),
    ).toEqual([1, 0]);
  });

  it("may rely on booleans being 0 and 1, however they are made", () => {
    const made = [tensor([2, 0], { dtype: "bool" }), fromArray([4, 0], [2], { dtype: "bool" })];
    expect(made[0].logicalAnd(made[1]).toArray()).toEqual([1, 0]);
    expect(full([1], 255, { dtype: "bool" }).sum().item()).toBe(1);
    expect(new Tensor(new Uint8Array([255, 0]), { dtype: "bool" }).data).toEqual(new Uint8Array([1, 0]));
    expect(() => full([1], 300, { dtype: "uint8" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: full: 300 at element 0 — uint8 holds integers from 0 to 255; use tensor.to("uint8") to round]`,
    );
  });

  it("broadcast strided operands", () => {
    fc.assert(
      fc.property(anyTensor({ minRank: 1, minSize: 1 }), (x) => {
        const row = x.narrow(0, 0, 1);
        expectElements(x.logicalXor(row), x.shape, (index) =>
          Number((at(x, index) !== 0) !== (at(row, index.with(0, 0)) !== 0)),
        );
        expectElements(x.gt(0).transpose(0, -1).logicalNot(), x.transpose(0, -1).shape, (index) =>
          Number(!(at(x.transpose(0, -1), index) > 0)),
        );
      }),
    );
  });

  it("say what does not broadcast", () => {
    expect(() => zeros([2]).logicalAnd(zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: logicalAnd: shapes [2] and [3] do not broadcast: dim -1 is 2 on the left and 3 on the right (sizes must be equal, or one of them 1)]`,
    );
  });
});

describe("any and all", () => {
  const x = tensor([
    [0, 1],
    [2, 3],
  ]);

  it("ask about every element, or along dims", () => {
    expect([x.any().item(), x.all().item()]).toEqual([1, 0]);
    expect(x.all(0).toArray()).toEqual([0, 1]);
    expect(x.all(1, { keepDim: true }).toArray()).toEqual([[0], [1]]);
    expect(x.eq(0).any([0, 1]).dtype).toBe("bool");
  });

  it("of nothing are false and true", () => {
    expect([zeros([0]).any().item(), zeros([0]).all().item()]).toEqual([0, 1]);
    expect(zeros([2, 0]).all(1).toArray()).toEqual([1, 1]);
  });
});
