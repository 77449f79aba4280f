import { describe, expect, it } from "vitest";
import { heap, scope } from "../00-runtime/index.ts";
import { arange, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { collate } from "./dataset.ts";
import { TensorDataset } from "./sets/rows.ts";

describe("TensorDataset", () => {
  const data = new TensorDataset(arange(12).reshape([4, 3]), tensor([7, 8, 9, 10], { dtype: "int32" }));

  it("gives examples by number", () => {
    expect(data.length).toBe(4);
    const { x, y } = data.get(2);
    expect((x as Tensor).toArray()).toEqual([6, 7, 8]);
    expect((y as Tensor).item()).toBe(9);
  });

  it("gives batches: rows in the order asked for, in the dtype of the data", () => {
    const { x, y } = data.batch([3, 0, 3]);
    expect(x.toArray()).toEqual([
      [9, 10, 11],
      [0, 1, 2],
      [9, 10, 11],
    ]);
    expect(y.toArray()).toEqual([10, 7, 10]);
    expect(y.dtype).toBe("int32");
  });

  it("copies long rows as it copies short ones", () => {
    const wide = new TensorDataset(arange(200).reshape([2, 100]), zeros([2]));
    expect(wide.batch([1, 0]).x.toArray()).toEqual((wide.x.toArray() as number[][]).reverse());
  });

  it("reads views", () => {
    const view = new TensorDataset(arange(6).reshape([2, 3]).t(), arange(3)); // rows [0, 3], [1, 4], [2, 5]
    expect(view.batch([2, 0]).x.toArray()).toEqual([
      [2, 5],
      [0, 3],
    ]);
  });

  it("makes an empty batch of no indices", () => {
    expect(data.batch([]).x.shape).toEqual([0, 3]);
  });

  it("refuses rows that do not pair up", () => {
    expect(() => new TensorDataset(zeros([3, 2]), zeros([4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: TensorDataset: x [3, 2] and y [4] — both need one row per example, dim 0 of equal size]`,
    );
    expect(() => new TensorDataset(zeros([]), zeros([]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: TensorDataset: x [] and y [] — both need one row per example, dim 0 of equal size]`,
    );
  });

  it("refuses what is no tensor", () => {
    const make = (x: unknown, y: unknown) => () => new TensorDataset(x as Tensor, y as Tensor);
    expect(make([[1, 2]], [0])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: TensorDataset: x is a list — expected a tensor; make one with tensor(…)]`,
    );
    expect(make(zeros([1]), undefined)).toThrowError("TensorDataset: y is undefined — expected a tensor");
  });

  it("refuses an example that is not there", () => {
    expect(() => data.get(4)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TensorDataset.get: index 4 — indices go from 0 to 3]`,
    );
    expect(() => data.batch([0, 1.5])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TensorDataset.batch: index 1.5 — indices go from 0 to 3]`,
    );
    const empty = new TensorDataset(zeros([0, 2]), zeros([0]));
    expect(() => empty.get(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TensorDataset.get: index 0 — the data set is empty]`,
    );
  });
});

describe("collate", () => {
  it("stacks numbers and lists as float32", () => {
    const { x, y } = collate([
      { x: [1, 2], y: 0 },
      { x: [3, 4], y: 1 },
    ]);
    expect([x.dtype, x.toArray()]).toEqual([
      "float32",
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect([y.shape, y.toArray()]).toEqual([[2], [0, 1]]);
  });

  it("keeps the dtype of tensors and typed arrays", () => {
    const label = tensor(3, { dtype: "int32" });
    const { x, y } = collate([{ x: Uint8Array.of(1, 2), y: label }]);
    expect([x.dtype, y.dtype, y.toArray()]).toEqual(["uint8", "int32", [3]]);
  });

  it("leaves nothing behind but the batch", () => {
    using _ = scope();
    const before = heap.live;
    const { x, y } = collate([{ x: [1, 2], y: 0 }]);
    x.storage.free();
    y.storage.free();
    expect(heap.live).toBe(before);
  });

  it("refuses to make a batch of nothing", () => {
    expect(() => collate([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: collate: no examples — a batch needs at least one]`,
    );
  });

  it("refuses examples of different shapes or dtypes", () => {
    const mixed = (second: Tensor) => () =>
      collate([
        { x: zeros([3]), y: 0 },
        { x: second, y: 0 },
      ]);
    expect(mixed(zeros([4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: collate: x of example 1 is float32 [4], of example 0 float32 [3] — all examples of a batch need one shape and dtype; pad or crop them, or give the loader a { collate }]`,
    );
    expect(mixed(zeros([3], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: collate: x of example 1 is int32 [3], of example 0 float32 [3] — all examples of a batch need one shape and dtype; pad or crop them, or give the loader a { collate }]`,
    );
  });
});
