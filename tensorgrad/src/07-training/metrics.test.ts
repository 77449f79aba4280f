import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../01-tensor/index.ts";
import { accuracy, ConfusionMatrix, predictions } from "./metrics.ts";

const logits = tensor([
  [3, 1, 2],
  [0, 0, 5],
  [-2, -1, -3],
  [1, 1, 1],
]);
const classes = tensor([0, 1, 1, 0], { dtype: "int32" });

describe("predictions", () => {
  it("are the classes of the largest outputs, the first of equals", () => {
    expect([...predictions(logits)]).toEqual([0, 2, 1, 0]);
  });

  it("read views", () => {
    expect([...predictions(logits.t())]).toEqual([0, 0, 1]);
  });

  it("refuse what has no classes", () => {
    expect(() => predictions(zeros([4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: predictions: output [4] — expected [B, C], one number per class]`,
    );
    expect(() => predictions(zeros([4, 0]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: predictions: output [4, 0] — expected [B, C], one number per class]`,
    );
  });
});

describe("accuracy", () => {
  it("is the share of rows that are right", () => {
    expect(accuracy(logits, classes)).toBe(0.75);
  });

  it("refuses shapes that do not pair up", () => {
    expect(() => accuracy(logits, zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: accuracy: output [4, 3], target [3] — expected [B, C] and [B] class indices]`,
    );
    expect(() => accuracy(logits, zeros([4, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: accuracy: output [4, 3], target [4, 3] — expected [B, C] and [B] class indices]`,
    );
  });
});

describe("ConfusionMatrix", () => {
  const confusion = new ConfusionMatrix(3);
  confusion.add(logits, classes);
  confusion.add(tensor([[0, 0, 1]]), tensor([2]));

  it("counts what was taken for what", () => {
    expect(confusion.counts).toEqual([
      [2, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  it("sums up", () => {
    expect(confusion.accuracy).toBe(0.8);
    expect(confusion.recall).toEqual([1, 0.5, 1]);
    expect(confusion.precision).toEqual([1, 1, 0.5]);
    expect(new ConfusionMatrix(2).accuracy).toBeNaN();
  });

  it("prints as a table", () => {
    expect(confusion.toString()).toMatchInlineSnapshot(`
      "       0   1   2
         0   2   0   0
         1   0   1   1
         2   0   0   1"
    `);
  });

  it("refuses classes it has no row for", () => {
    const add = (label: number) => () => new ConfusionMatrix(3).add(zeros([1, 3]), tensor([label]));
    expect(add(3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ConfusionMatrix.add: target 3 at row 0 — expected a class index below 3]`,
    );
    expect(add(Number.NaN)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ConfusionMatrix.add: target NaN at row 0 — expected a class index below 3]`,
    );
    expect(() => new ConfusionMatrix(3).add(zeros([1, 4]), zeros([1]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: ConfusionMatrix.add: output [1, 4] — expected [B, 3], one number per class]`,
    );
    expect(() => new ConfusionMatrix(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ConfusionMatrix: 0 classes — expected an integer ≥ 1]`,
    );
  });
});
