import { describe, expect, it } from "vitest";
import { directionOf, gain } from "../index.ts";

describe("directionOf", () => {
  it("is less for losses, errors and what is measured like them", () => {
    const less = [
      "train.loss",
      "validation.perplexity",
      "error",
      "validation.mae",
      "testMAE",
      "val_rmse",
      "top1-error",
    ];
    for (const name of [...less, "cross-entropy", "crossEntropy", "errorRate"]) {
      expect([name, directionOf(name)]).toEqual([name, "min"]);
    }
  });

  it("is more for all else", () => {
    for (const name of ["validation.accuracy", "f1", "r2", "auc", "glossiness", "terror"]) {
      expect([name, directionOf(name)]).toEqual([name, "max"]);
    }
  });
});

describe("gain", () => {
  it("is above 0 where a value is better", () => {
    expect([gain("min", 1, 3), gain("max", 1, 3)]).toEqual([2, -2]);
  });
});
