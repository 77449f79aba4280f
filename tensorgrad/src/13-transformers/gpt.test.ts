import { describe, expect, it } from "vitest";
import { distance } from "../../tests/gradients.fixture.ts";
import { Random, scope } from "../00-runtime/index.ts";
import { randint, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { crossEntropy } from "../04-losses/index.ts";
import { AdamW } from "../06-optimizers/index.ts";
import "tensorgrad";
import { GPT, type GPTOptions } from "./index.ts";

const small = { vocabSize: 11, embedDim: 16, numLayers: 2, numHeads: 4, maxSeqLen: 8 } as const;

/** Of milestone 4. */
const modern = {
  positions: "rotary",
  norm: "rms",
  activation: "reluSquared",
  bias: false,
  tied: false,
  qkNorm: true,
} as const;

const variants: Record<string, Partial<GPTOptions>> = {
  "as GPT-2": {},
  "as milestone 4": modern,
  "a gate, and two key heads": { ...modern, activation: "swiglu", numKvHeads: 2 },
  "one key head, tanh's gelu": { activation: "geluTanh", numKvHeads: 1, bias: false },
};

const made = (options: Partial<GPTOptions> = {}, seed = 1) =>
  new GPT({ ...small, ...options, random: new Random(seed) });

const ids = (B: number, T: number, seed = 2): Tensor =>
  randint(0, small.vocabSize, [B, T], { random: new Random(seed) });

describe("GPT", () => {
  it("has the parameters that one counts by hand", () => {
    const count = (model: GPT) => model.parameters().reduce((sum, { size }) => sum + size, 0);
    const recipe = { embedDim: 128, numLayers: 4, numHeads: 4, maxSeqLen: 128 };
    // two tables 65·128; 4 blocks of 4·128² + 2·128·512, two gains and 4 scales; one gain
    const block = 4 * 128 ** 2 + 2 * 128 * 512 + 2 * 128 + 4;
    expect(count(new GPT({ vocabSize: 65, ...recipe, ...modern }))).toBe(2 * 65 * 128 + 4 * block + 128);
    expect(2 * 65 * 128 + 4 * block + 128).toBe(804_240);
  });

  for (const [name, options] of Object.entries(variants)) {
    it(`gives a score to every id at every position: ${name}`, () => {
      expect(made(options).forward(ids(3, 5)).shape).toEqual([3, 5, 11]);
    });

    it(`looks at no later position: ${name}`, () => {
      const model = made({ ...options, start: "gpt2" });
      const x = ids(2, 8);
      const changed = x.clone();
      changed.data.set([(x.data[5] + 1) % 11], 5); // of the first sequence
      const [before, after] = [model.forward(x), model.forward(changed)];
      expect(distance(before.narrow(1, 0, 5), after.narrow(1, 0, 5))).toBe(0);
      expect(distance(before.select(0, 1), after.select(0, 1))).toBe(0);
      expect(distance(before.select(0, 0).narrow(0, 5, 3), after.select(0, 0).narrow(0, 5, 3))).not.toBe(0);
    });

    it(`gives every parameter a gradient: ${name}`, () => {
      const model = made({ ...options, start: "gpt2" });
      crossEntropy(model.forward(ids(4, 8)).flatten(0, 1), ids(4, 8, 3).flatten()).backward();
      const idle = model.namedParameters().filter(([, p]) => !p.grad?.data.some((g) => g !== 0));
      expect(idle.map(([path]) => path)).toEqual([]);
    });

    it(`learns a sequence by heart: ${name}`, () => {
      const model = made({ ...options, start: "gpt2" });
      const optimizer = new AdamW(model.parameters(), { lr: 0.01, weightDecay: 0 });
      const [x, y] = [ids(1, 8), ids(1, 8, 3)];
      let last = NaN;
      for (let step = 0; step < 60; step++) {
        using _ = scope();
        optimizer.zeroGrad();
        const loss = crossEntropy(model.forward(x).flatten(0, 1), y.flatten());
        loss.backward();
        optimizer.step();
        last = loss.item();
      }
      expect(last).toBeLessThan(0.05);
    });
  }

  it("takes positions into account: the same ids in another order get other scores", () => {
    for (const positions of ["learned", "rotary"] as const) {
      const model = made({ positions });
      const [a, b] = [tensor([[1, 2, 3]], { dtype: "int32" }), tensor([[2, 1, 3]], { dtype: "int32" })];
      expect(distance(model.forward(a).select(1, 2), model.forward(b).select(1, 2))).toBeGreaterThan(1e-6);
    }
  });

  it("with the start for Muon, every block begins as the identity, and all ids are equally likely", () => {
    const model = made({ ...modern, start: "zero" });
    const loss = crossEntropy(model.forward(ids(4, 8)).flatten(0, 1), ids(4, 8, 3).flatten());
    expect(loss.item()).toBeCloseTo(Math.log(11), 6);
    const x = model.embedding.forward(ids(1, 4));
    expect(distance(model.blocks[0].forward(x), x)).toBe(0);
  });

  it("with the start of GPT-2, the ends of branches are smaller by √(2·numLayers)", () => {
    const model = made({ embedDim: 128, numLayers: 8, maxSeqLen: 8 });
    const deviation = (x: Tensor) => x.std().item();
    expect(deviation(model.blocks[0].mlp.up.weight)).toBeCloseTo(0.02, 3);
    expect(deviation(model.blocks[0].mlp.down.weight)).toBeCloseTo(0.005, 3);
    expect(deviation(model.blocks[0].attention.out.weight)).toBeCloseTo(0.005, 3);
  });

  it("a tied head is the embedding itself", () => {
    const model = made({ tied: true });
    expect(model.head).toBeNull();
    expect(model.namedParameters().map(([path]) => path)).not.toContain("head.weight");
    expect(
      made({ tied: false })
        .namedParameters()
        .map(([path]) => path),
    ).toContain("head.weight");
  });

  it("drops nothing in eval mode, and something while it trains", () => {
    const model = made({ dropout: 0.5 });
    const x = ids(1, 4);
    expect(distance(model.forward(x), model.forward(x))).toBeGreaterThan(0);
    model.eval();
    expect(distance(model.forward(x), model.forward(x))).toBe(0);
  });

  it("draws the same weights from the same seed", () => {
    const [a, b] = [made(modern, 3), made(modern, 3)].map((model) => model.stateDict());
    for (const [path, p] of Object.entries(a)) expect(distance(p, b[path]), path).toBe(0);
  });

  it("is small enough for a checkpoint of its own, by name", () => {
    const copy = made(modern, 4);
    copy.loadStateDict(made(modern, 3).stateDict());
    expect(distance(copy.forward(ids(1, 3)), made(modern, 3).forward(ids(1, 3)))).toBe(0);
  });
});

describe("bad input", () => {
  it("is named: ids that are no batch, too many positions, an id of no token", () => {
    expect(() => made().forward(zeros([4], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: GPT: ids [4] — expected a batch of sequences, [B, T]; use ids.unsqueeze(0)]`,
    );
    expect(() => made().forward(ids(1, 9))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: GPT: 9 positions — the model sees at most maxSeqLen = 8; give it the last of them]`,
    );
    expect(() => made().forward(tensor([[1, 11]], { dtype: "int32" }))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Embedding(11, 16): id 11 at [0, 1] of ids [1, 2] — ids go from 0 to 10]`,
    );
  });

  it("is named: heads that do not divide the width, sizes that are none, words that mean nothing", () => {
    expect(() => made({ numHeads: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: embedDim 16, numHeads 3 — each head gets an equal part of the width; choose a divisor of 16]`,
    );
    expect(() => made({ numKvHeads: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: numHeads 4, numKvHeads 3 — equally many heads share each key head; choose a divisor of 4]`,
    );
    expect(() => made({ numLayers: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: numLayers = 0 — an integer ≥ 1]`,
    );
    expect(() => made({ mlpRatio: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: mlpRatio = -1 — a finite number above 0]`,
    );
    expect(() => made({ activation: "bend" as "gelu" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: activation "bend" — one of relu, gelu, geluTanh, reluSquared, swiglu]`,
    );
    expect(() => made({ norm: "batch" as "rms" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: norm "batch" — one of layer, rms]`,
    );
    expect(() => made({ positions: "sines" as "rotary" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: positions "sines" — one of learned, rotary]`,
    );
    expect(() => made({ start: "cold" as "zero" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: GPT: start "cold" — one of gpt2, zero]`,
    );
  });

  it("is named: an option that does not exist", () => {
    expect(() => made({ layers: 3 } as object)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: GPT: option "layers" — options are vocabSize, embedDim, numLayers, numHeads, numKvHeads, maxSeqLen, mlpRatio, positions, rotaryBase, norm, normEps, activation, bias, tied, qkNorm, dropout, start, random]`,
    );
  });
});
