import { scope } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, tensor, zeros } from "../01-tensor/index.ts";
import { alibiBias, alibiSlopes, PositionalEncoding } from "./index.ts";

const double = { dtype: "float64" } as const;

describe("PositionalEncoding", () => {
  it("adds sine and cosine of the position, more slowly to the right", () => {
    const y = new PositionalEncoding(10, 4).forward(zeros([2, 4], double));
    expect(y.data[0]).toBe(0);
    expect(y.data[1]).toBe(1);
    const [first, second, third, fourth] = y.select(0, 1).data;
    expect(first).toBeCloseTo(Math.sin(1), 15);
    expect(second).toBeCloseTo(Math.cos(1), 15);
    expect(third).toBeCloseTo(Math.sin(0.01), 15); // 10,000^(−2/4)
    expect(fourth).toBeCloseTo(Math.cos(0.01), 15);
  });

  it("goes on where an offset says, in any batch, at an odd width", () => {
    const layer = new PositionalEncoding(10, 3);
    const whole = layer.forward(zeros([2, 6, 3]));
    const rest = layer.forward(zeros([2, 2, 3]), { offset: 4 });
    expect(rest.toArray()).toEqual(whole.narrow(1, 4, 2).toArray());
  });

  it("learns a row for each position, summed over the batch", () => {
    const layer = new PositionalEncoding(4, 2, { learned: true });
    layer
      .forward(ones([3, 2, 2]), { offset: 1 })
      .sum()
      .backward();
    expect(layer.weight?.grad?.toArray()).toEqual([
      [0, 0],
      [3, 3],
      [3, 3],
      [0, 0],
    ]);
    expect(layer.parameters()).toHaveLength(1);
    expect(new PositionalEncoding(4, 2).namedTensors()).toEqual([]);
  });

  it("keeps its table beyond the scope in which it was first asked for", () => {
    const layer = new PositionalEncoding(8, 2);
    const inside = () => {
      using _ = scope();
      return layer.forward(zeros([8, 2])).toArray();
    };
    expect(inside()).toEqual(inside());
    expect(layer.forward(zeros([8, 2])).toArray()).toEqual(inside());
  });

  it("names positions beyond its end, other widths and sizes of no use", () => {
    const layer = new PositionalEncoding(4, 2);
    expect(() => layer.forward(zeros([5, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: PositionalEncoding(4, 2): positions 0 to 4 of input [5, 2] — positions go from 0 to 3; cut the sequence, or make the layer with a larger maxSeqLen]`,
    );
    expect(() => layer.forward(zeros([2, 2]), { offset: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: PositionalEncoding(4, 2): positions 3 to 4 of input [2, 2] — positions go from 0 to 3; cut the sequence, or make the layer with a larger maxSeqLen]`,
    );
    expect(() => layer.forward(zeros([2, 2]), { offset: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: PositionalEncoding(4, 2): offset -1 — the first position, a whole number ≥ 0]`,
    );
    expect(() => layer.forward(zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: PositionalEncoding(4, 2): expected input [..., T, 2], got [2, 3]]`,
    );
    expect(() => layer.forward(zeros([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: PositionalEncoding(4, 2): expected input [..., T, 2], got [2]]`,
    );
    expect(() => new PositionalEncoding(0, 2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: PositionalEncoding(0, 2): maxSeqLen = 0 — a whole number, 1 or more]`,
    );
    expect(() => new PositionalEncoding(4, 2, { base: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: PositionalEncoding(4, 2): base = 0 — a number > 0]`,
    );
    expect(String(new PositionalEncoding(4, 2, { learned: true }))).toMatchInlineSnapshot(
      `"PositionalEncoding(4, 2, learned: true) — 8 parameters: weight [4, 2]"`,
    );
  });
});

describe("alibiSlopes", () => {
  it("halves from head to head, eight times in all", () => {
    expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => 2 ** -n));
    expect(alibiSlopes(1)).toEqual([2 ** -8]);
  });

  it("takes slopes between for counts that are no power of two", () => {
    expect(alibiSlopes(3)).toEqual([2 ** -4, 2 ** -8, 2 ** -2]);
  });

  it("makes a mask of distances to the last key's position", () => {
    expect(alibiBias(1, 2, 3).mul(256).toArray()).toEqual([
      [
        [-1, 0, -1],
        [-2, -1, 0],
      ],
    ]);
    expect(alibiBias(2, 2).shape).toEqual(tensor(0).reshape(1, 1, 1).expand(2, 2, 2).shape);
    expect(() => alibiSlopes(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: alibiSlopes: numHeads = 0 — a whole number, 1 or more]`,
    );
    expect(() => alibiBias(2, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: alibiBias(2, 0, 0): queries = 0 — a whole number, 1 or more]`,
    );
  });
});
