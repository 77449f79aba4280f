import { Random } from "tensorgrad";
import { syntheticNames } from "tensorgrad/data";
import { describe, expect, it } from "vitest";
import { bitsPerLetter, columnsOf, drawNames, NameModel, numbersOf, trainNames } from "./lib/name-model.ts";

describe("names", () => {
  it("are columns of letters, filled up at the end with what does not count", () => {
    const { x, y } = columnsOf(["ab", "c"]);
    expect(x.toArray()).toEqual([
      [0, 0],
      [1, 3],
      [2, 0],
    ]);
    expect([...y.data]).toEqual([1, 3, 2, 0, 0, -100]);
    expect(numbersOf("az")).toEqual([0, 1, 26, 0]);
  });

  it("are learned by each kind of network, and made up anew", () => {
    for (const cell of ["RNN", "LSTM", "GRU"] as const) {
      const random = new Random(1);
      const [train, validation] = syntheticNames({ count: 2000, random }).split(0.9, random);
      const model = new NameModel(cell, 48, random);
      const before = bitsPerLetter(model, validation);
      expect(before).toBeGreaterThan(4.5); // near log₂ 27 = 4.75
      trainNames(model, train, random, { epochs: 3, batchSize: 32, lr: 0.01 });
      expect(bitsPerLetter(model, validation)).toBeLessThan(3);
      const made = drawNames(model, 100, new Random(2));
      expect(made).toEqual(drawNames(model, 100, new Random(2)));
      expect(made.filter((name) => /^[a-z]{2,20}$/.test(name) && !train.has(name)).length).toBeGreaterThan(
        20,
      );
    }
  });
});
