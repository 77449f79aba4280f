import fc from "fast-check";
import { Random, tensor } from "tensorgrad";
import { BatchNorm1d, Linear, type Module, ReLU, Sequential } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { magnitudePrune } from "./magnitude-prune.ts";
import { measureSparsity } from "./measure-sparsity.ts";

const mlp = (seed: number): Sequential => {
  const random = new Random(seed);
  return new Sequential(new Linear(6, 5, { random }), new ReLU(), new Linear(5, 3, { random }));
};

/** Weights of two dims, one after the other. */
const weightsOf = (model: Module): number[] =>
  model.parameters().flatMap((p) => (p.rank < 2 ? [] : Array.from(p.data)));

describe("magnitudePrune", () => {
  it("removes the weights that are nearest to 0", () => {
    const layer = new Linear(2, 2);
    layer.weight.assign(
      tensor([
        [0.1, -0.5],
        [0.3, -0.2],
      ]),
    );
    magnitudePrune(layer, { sparsity: 0.5 });
    expect(layer.weight.toArray()).toEqual(
      tensor([
        [0, -0.5],
        [0.3, 0],
      ]).toArray(),
    );
  });

  it("removes exactly the share that is asked for, and nothing larger than what it leaves", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 0.999, noNaN: true }), (seed, sparsity) => {
        const model = mlp(seed);
        for (const p of model.parameters()) p.assign(p.detach().mul(4).round()); // many are equal
        const before = weightsOf(model);
        const zeros = before.filter((w) => w === 0).length;
        magnitudePrune(model, { sparsity });
        const after = weightsOf(model);
        const [gone, left] = [0, 1].map((stays) =>
          before.filter((_, i) => (after[i] === 0 ? 0 : 1) === stays).map(Math.abs),
        );
        expect(gone.length).toBe(Math.max(zeros, Math.min(Math.round(sparsity * 45), 44)));
        expect(Math.max(0, ...gone)).toBeLessThanOrEqual(Math.min(...left));
        expect(after.every((w, i) => w === 0 || w === before[i])).toBe(true);
      }),
    );
  });

  it("takes weights of the whole model, or the same share of every layer; never biases and gains", () => {
    const models = (["model", "layer"] as const).map((across) => {
      const random = new Random(1);
      const model = new Sequential(
        new Linear(8, 8, { random }),
        new BatchNorm1d(8),
        new Linear(8, 4, { random }),
      );
      const [{ weight }] = model.layers as [Linear];
      weight.assign(weight.detach().mul(0.01));
      magnitudePrune(model, { sparsity: 0.5, across });
      return Object.values(measureSparsity(model).parameters).map(({ sparsity }) => sparsity);
    });
    expect(models).toEqual([
      [0.75, 0, 0, 1, 0, 0], // 48 of the 64 small ones; the norm's bias is 0 at first
      [0.5, 0, 0, 1, 0.5, 0],
    ]);
  });

  it("keeps what was removed before, when it is asked for more", () => {
    const model = mlp(2);
    magnitudePrune(model, { sparsity: 0.3 });
    const first = weightsOf(model).map((w) => w === 0);
    magnitudePrune(model, { sparsity: 0.6 });
    expect(weightsOf(model).every((w, i) => !first[i] || w === 0)).toBe(true);
  });

  it("leaves out what `only` leaves out", () => {
    const model = mlp(3);
    magnitudePrune(model, { sparsity: 0.5, only: (path) => path === "0.weight" });
    expect(measureSparsity(model).parameters["2.weight"].zeros).toBe(0);
    expect(measureSparsity(model).parameters["0.weight"].sparsity).toBe(0.5);
  });

  it("refuses what is no share, and models without such weights", () => {
    const model = mlp(4);
    for (const sparsity of [1, -0.1, Number.NaN])
      expect(() => magnitudePrune(model, { sparsity })).toThrow(RangeError);
    expect(() => magnitudePrune(model, { sparsity: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: magnitudePrune: sparsity 1 — the share that goes is from 0 to below 1; 0.9 removes nine of ten]`,
    );
    expect(() => magnitudePrune(model, { across: "rows" as "layer" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: magnitudePrune: across "rows" — "model" or "layer"]`,
    );
    expect(() => magnitudePrune(new Sequential(new BatchNorm1d(3)))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: magnitudePrune: Sequential has no weights to prune — parameters of two dims or more, or those that \`only\` chooses]`,
    );
    model.parameters()[0].assign(model.parameters()[0].detach().mul(Number.NaN));
    expect(() => magnitudePrune(model)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: magnitudePrune: "0.weight" [5, 6] has weights that are NaN — they are neither small nor large; go back to a checkpoint from before the loss diverged]`,
    );
    expect(weightsOf(model).every((w) => w !== 0)).toBe(true);
  });
});
