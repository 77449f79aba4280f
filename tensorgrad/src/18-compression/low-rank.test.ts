import { defaultRandom, noGrad, Random, randint, randn } from "tensorgrad";
import { Conv2d, GPT, Linear, ReLU, Residual, Sequential } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { lowRank } from "./low-rank.ts";

const double = { dtype: "float64" } as const;

/** A weight of rank 2 in place of a layer's own. */
function thin<L extends Linear | Conv2d>(layer: L, seed: number): L {
  const random = new Random(seed);
  const [outputs, ...rest] = layer.weight.shape;
  const inputs = rest.reduce((a, b) => a * b);
  const weight = randn([outputs, 2], { random, ...double }).matmul(randn([2, inputs], { random, ...double }));
  layer.weight.assign(weight.reshape(layer.weight.shape));
  return layer;
}

describe("lowRank", () => {
  it("divides layers whose weight has a low rank, and changes nothing", () => {
    const random = new Random(1);
    const model = new Sequential(
      new Conv2d(3, 8, 3, { random, padding: 1, stride: 2, bias: false, paddingMode: "reflect" }),
      new ReLU(),
      new Conv2d(8, 4, [3, 1], { random }),
    ).to("float64");
    for (const [i, layer] of model.layers.entries()) if (layer instanceof Conv2d) thin(layer, i);
    const x = randn([2, 3, 9, 8], { random, ...double });
    const before = model.forward(x);
    const drawn = defaultRandom.state;
    const { layers, ranks } = lowRank(model, { energy: 1 - 1e-12 });
    expect(defaultRandom.state).toEqual(drawn);
    expect(ranks).toEqual({ 0: 2, 2: 2 });
    expect(layers.map(({ before, after }) => [before, after])).toEqual([
      [216, 2 * (27 + 8)],
      [96, 2 * (24 + 4)],
    ]);
    expect(Math.max(...layers.map(({ error }) => error))).toBeLessThan(1e-12);
    expect(model.forward(x).sub(before).abs().max().item()).toBeLessThan(1e-12);
  });

  it("says what is lost of a weight", () => {
    const layer = new Linear(12, 10, { random: new Random(2) }).to("float64");
    const before = layer.weight.detach().clone();
    const model = new Sequential(layer);
    const [{ error, rank, after }] = lowRank(model, { rank: 3 }).layers;
    expect({ rank, after }).toEqual({ rank: 3, after: 66 });
    const [first, second] = (model.layers[0] as Sequential).layers as Linear[];
    const lost = second.weight.matmul(first.weight).sub(before).norm().item();
    expect(lost / before.norm().item()).toBeCloseTo(error, 12);
  });

  it("keeps the fewest singular values with the energy asked for", () => {
    const layer = new Linear(4, 4, { bias: false });
    layer.weight.assign([8, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // squares 64 and 36
    const rank = (energy: number) => {
      const model = new Sequential(new Linear(4, 4));
      (model.layers[0] as Linear).weight.assign(layer.weight);
      return lowRank(model, { energy }).layers[0].rank;
    };
    expect(rank(0.64)).toBe(1);
    expect(() => rank(0.65)).toThrow("gets smaller"); // two of rank 2 are no smaller than one of 4 × 4
  });

  it("leaves alone what would not get smaller, and finds layers inside of others", () => {
    const random = new Random(3);
    const model = new Sequential(
      new Linear(2, 9, { random }),
      new Residual(thin(new Linear(9, 9, { random }), 1)),
    );
    expect(lowRank(model, { energy: 0.999 }).ranks).toEqual({ "1.0": 2 });
  });

  it("divides the lines of a GPT, which then learns on and loads into another one", () => {
    const make = () =>
      new GPT({
        ...{ vocabSize: 9, embedDim: 32, numLayers: 2, numHeads: 4, maxSeqLen: 8, qkNorm: true, tied: false },
        random: new Random(4),
      }).eval();
    const [model, other] = [make(), make()];
    const ids = randint(0, 9, [2, 8], { random: new Random(5) });
    const report = lowRank(model, { rank: 6, only: (path) => !path.startsWith("head") });
    expect(report.layers).toHaveLength(12);
    model.forward(ids).sum().backward();
    expect(model.parameters().every(({ grad }) => grad !== null)).toBe(true);
    lowRank(other, { ranks: report.ranks });
    for (const p of model.parameters()) p.assign(p.detach().add(0.01));
    other.loadStateDict(model.stateDict());
    using _ = noGrad();
    expect(other.forward(ids).toArray()).toEqual(model.forward(ids).toArray());
  });

  it("refuses what is no rank, and where nothing gets smaller", () => {
    const model = new Sequential(new Linear(4, 4), new Conv2d(4, 4, 3, { groups: 2 }));
    expect(() => lowRank(model, { energy: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: lowRank: energy 0 — the share that is kept is above 0 and at most 1]`,
    );
    expect(() => lowRank(model, { rank: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: lowRank: rank 1.5 — a whole number from 1 on]`,
    );
    expect(() => lowRank(model, { rank: 4 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: lowRank: nothing to divide in Sequential — no Linear or Conv2d inside it gets smaller at this rank; ask for less energy, or for a smaller rank]`,
    );
    expect(() => lowRank(model, { ranks: { 1: 2 } })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: lowRank: ranks of 1 — Sequential has no Linear or Conv2d (without groups) of that name]`,
    );
    expect(model.layers[0]).toBeInstanceOf(Linear);
  });
});
