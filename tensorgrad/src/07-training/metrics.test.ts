import { describe, expect, it } from "vitest";
import { cat, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { Module } from "../03-layers/index.ts";
import { crossEntropy } from "../04-losses/index.ts";
import { accuracy, ConfusionMatrix, perplexity, predictions } from "./metrics.ts";
import { Trainer } from "./trainer.ts";

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

describe("perplexity", () => {
  const certainty = (...shares: number[]) => tensor([shares.map(Math.log)]);
  const first = tensor([0], { dtype: "int32" });

  it("is e to the mean cross-entropy of all examples, not a mean of powers", async () => {
    // −ln ½ twice and −ln ⅛ once: (ln 2 + ln 2 + ln 8)/3 = ln 2^(5/3)
    const model = new (class extends Module {
      override forward(x: Tensor): Tensor {
        return x;
      }
    })();
    const optimizer = { step: () => {}, zeroGrad: () => {}, groups: [] };
    const trainer = new Trainer({ model, optimizer, loss: crossEntropy, metrics: { perplexity } });
    const halves = cat([certainty(1 / 2, 1 / 2), certainty(1 / 2, 1 / 2)]);
    const { metrics, loss } = await trainer.evaluate([
      { x: halves, y: tensor([0, 1], { dtype: "int32" }) },
      { x: certainty(1 / 8, 7 / 8), y: first },
    ]);
    expect(metrics.perplexity).toBeCloseTo(2 ** (5 / 3), 5);
    expect(metrics.perplexity).toBeCloseTo(Math.exp(loss), 5);
  });

  it("takes sequences: output [B, T, C], target [B, T]", () => {
    const target = tensor([[0, 1, 2]], { dtype: "int32" });
    const mean = perplexity(zeros([1, 3, 65]), target);
    expect(perplexity.finish?.(mean)).toBeCloseTo(65, 4);
  });

  it("refuses shapes that do not pair up", () => {
    expect(() =>
      perplexity(zeros([2, 3, 5]), zeros([2, 4], { dtype: "int32" })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: perplexity: output [2, 3, 5], target [2, 4] — expected [B, …, C] and [B, …] class indices]`,
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

  it("balances precision and recall: 2·1·½/(1 + ½), and their mean over classes", () => {
    expect(confusion.f1).toEqual([1, expect.closeTo(2 / 3, 12), expect.closeTo(2 / 3, 12)]);
    expect(confusion.macroF1).toBeCloseTo(7 / 9, 12);
    const twoOfThree = new ConfusionMatrix(3);
    twoOfThree.add(tensor([[1, 0, 0]]), tensor([1], { dtype: "int32" }));
    expect(twoOfThree.f1).toEqual([0, 0, Number.NaN]);
    expect(twoOfThree.macroF1).toBe(0);
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
