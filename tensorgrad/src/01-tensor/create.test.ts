import { describe, expect, it } from "vitest";
import { manualSeed } from "../00-runtime/index.ts";
import {
  arange,
  eye,
  fromArray,
  full,
  linspace,
  ones,
  rand,
  randint,
  randn,
  randperm,
  tensor,
  zeros,
} from "./index.ts";

describe("tensor", () => {
  it("takes numbers, nested lists and typed arrays, and copies them", () => {
    expect(tensor(5).shape).toEqual([]);
    expect(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ).toEqual([2, 3]);
    const source = Float64Array.of(1, 2);
    const copy = tensor(source);
    source[0] = 9;
    expect([copy.dtype, copy.toArray()]).toEqual(["float64", [1, 2]]);
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([1.5, NaN, -0]).toArray()).toEqual([1.5, NaN, -0]);
  });

  it("reads every typed array as the numbers it holds", () => {
    expect(tensor(new Int16Array([300, -1])).toString()).toMatchInlineSnapshot(`"tensor([300, -1], int32)"`);
    expect(tensor(new Uint8ClampedArray([300])).toArray()).toEqual([255]);
    expect(tensor(new Uint16Array([65535])).dtype).toBe("int32");
    expect(tensor(new BigInt64Array([7n, -7n])).toArray()).toEqual([7, -7]);
    expect(tensor(new Uint32Array([7]), { dtype: "float64" }).dtype).toBe("float64");
    expect(fromArray(new Int16Array([300, -1]), [2, 1]).toArray()).toEqual([[300], [-1]]);
    expect(() => tensor(new Uint32Array([2 ** 31]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: tensor: 2147483648 at element 0 — int32 holds integers from -2147483648 to 2147483647; use tensor.to("int32") to round]`,
    );
    expect(() => tensor(new DataView(new ArrayBuffer(8)) as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: tensor: a DataView — elements must be numbers; make a typed array of it, such as a Float32Array]`,
    );
  });

  it("refuses a list that contains itself", () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(() => tensor(endless as never)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: tensor: lists nested more than 64 deep — does a list contain itself?]`,
    );
  });

  it("names where a list is ragged", () => {
    expect(() => tensor([[1, 2], [3]])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: tensor: a list of 1 at [1] where others have 2 — lists must not be ragged]`,
    );
    expect(() => tensor([1, [2]])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: tensor: a list of 1 at [1] where others have a number — lists must not be ragged]`,
    );
    expect(() => tensor([[1], 2])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: tensor: a value of type number at [1] where others have a list of 1 — lists must not be ragged]`,
    );
  });

  it("names what is not a number", () => {
    expect(() => tensor([1, "2"] as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: tensor: the string "2" at [1] — elements must be numbers or booleans]`,
    );
    expect(() => tensor([[1], [null]] as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: tensor: null at [1, 0] — elements must be numbers or booleans]`,
    );
    expect(() => tensor(undefined as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: tensor: a value of type undefined — elements must be numbers or booleans]`,
    );
    expect(() => tensor({} as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: tensor: an object — elements must be numbers or booleans]`,
    );
  });

  it("refuses NaN and fractions where integers are due", () => {
    expect(() => tensor([1, NaN], { dtype: "int32" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: tensor: NaN at element 1 — int32 holds integers from -2147483648 to 2147483647; use tensor.to("int32") to round]`,
    );
    expect(() => fromArray([256], [1], { dtype: "uint8" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: fromArray: 256 at element 0 — uint8 holds integers from 0 to 255; use tensor.to("uint8") to round]`,
    );
  });

  it("gives gradients to floats only", () => {
    expect(() => tensor([1], { dtype: "int32", requiresGrad: true })).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: requiresGrad: a tensor of dtype int32 — only floats have gradients; use tensor.to("float32")]`,
    );
  });
});

describe("makers", () => {
  it("fill", () => {
    expect(zeros([2, 2]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(ones(3).toArray()).toEqual([1, 1, 1]);
    expect(full([2], 7, { dtype: "int32" }).toArray()).toEqual([7, 7]);
    expect(eye(2).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(fromArray([1, 2, 3, 4], [2, -1]).shape).toEqual([2, 2]);
    expect(() => zeros([0, 3]).reshape([0, -1])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: reshape: [0, 3] to [0, -1] — 0 elements must stay 0, and beside a 0, -1 could be any size]`,
    ); // any size would do
    expect(() => zeros([2, -1])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: zeros: shape [2, -1] — sizes must be integers ≥ 0, got -1]`,
    );
    expect(() => fromArray([1, 2, 3], [2, 2])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: fromArray: [3] to [2, 2] — 3 elements must stay 3, and at most one size may be -1]`,
    );
  });

  it("count", () => {
    expect(arange(4).toArray()).toEqual([0, 1, 2, 3]);
    expect(arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
    expect(arange(0, 1, 0.25).dtype).toBe("float32");
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(() => arange(0, 1, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: arange: from 0 to 1 in steps of 0 — numbers must be finite and the step not 0]`,
    );
    expect(linspace(0, 0.7, 8).select(0, -1).item()).toBe(Math.fround(0.7)); // both ends exactly
    expect(() => linspace(0, 1, -1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: linspace: shape [-1] — sizes must be integers ≥ 0, got -1]`,
    );
    expect(() => eye(-1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: eye: shape [-1, -1] — sizes must be integers ≥ 0, got -1]`,
    );
  });

  it("know their dtypes", () => {
    expect(() => zeros([2], { dtype: "float8" as never })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: dtype "float8" — dtypes are float32, float64, float16, bfloat16, int32, int8, uint8, bool]`,
    );
    expect(() => zeros([2]).to("int64" as never)).toThrow('dtype "int64" — dtypes are');
  });

  it("draw from the seeded generator", () => {
    const draw = () => {
      manualSeed(5);
      return [rand([3]), randn([3]), randint(2, 5, [20]), randperm(6)].map((t) => t.toArray());
    };
    expect(draw()).toEqual(draw());
    expect(Math.max(...(draw()[2] as number[]))).toBeLessThan(5);
    expect(() => randint(3, 1, [2])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: randint: from 3 to before 1 — two integers, the first below the second]`,
    );
    expect(() => randint(0, 1.5, [2])).toThrow("two integers");
  });
});

describe("toString", () => {
  it("shows shape by nesting and dtype where it is not float32", () => {
    expect(
      String(
        tensor([
          [1, 2.5],
          [-0.000012345, 1e9],
        ]),
      ),
    ).toMatchInlineSnapshot(`
      "tensor([[1, 2.5],
              [-1.234e-5, 1000000000]])"
    `);
    expect(String(tensor([true, false]))).toMatchInlineSnapshot(`"tensor([true, false], bool)"`);
    expect(String(zeros([2, 0]))).toMatchInlineSnapshot(`
      "tensor([[],
              []], shape [2, 0])"
    `);
    expect(String(zeros([2, 2, 1], { dtype: "int32" }))).toMatchInlineSnapshot(`
      "tensor([[[0],
               [0]],

              [[0],
               [0]]], int32)"
    `);
    expect(String(arange(2000))).toMatchInlineSnapshot(`"tensor([0, 1, 2, …, 1997, 1998, 1999], int32)"`);
  });
});
