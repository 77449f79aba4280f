import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance } from "../../tests/gradients.fixture.ts";
import { heap, Random, scope } from "../00-runtime/index.ts";
import { cat, randint, randn, type Tensor, zeros } from "../01-tensor/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { bandMask, scaledDotProductAttention } from "../12-attention/index.ts";
import { GPT, type GPTOptions } from "../13-transformers/index.ts";
import "tensorgrad";
import { attentionWithCache, KVCache } from "./index.ts";

const sizes = { maxBatchSize: 2, maxSeqLen: 6, numLayers: 2, numKvHeads: 2, headDim: 4 } as const;
const drawn = (seed: number, ...shape: number[]) => randn(shape, { random: new Random(seed) });

describe("KVCache", () => {
  it("keeps keys and values of each layer in order", () => {
    const cache = new KVCache(sizes);
    const [k, v] = [drawn(1, 2, 2, 5, 4), drawn(2, 2, 2, 5, 4)];
    for (const layer of [0, 1]) {
      cache.update(layer, k.narrow(2, 0, 3), v.narrow(2, 0, 3));
      cache.update(layer, k.narrow(2, 3, 2), v.narrow(2, 3, 2));
    }
    expect(cache.length).toBe(5);
    expect(distance(cache.get(1).k, k)).toBe(0);
    expect(distance(cache.get(1).v, v)).toBe(0);
  });

  it("keeps the last maxSeqLen positions, however they came", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (pieces) => {
        const cache = new KVCache({ ...sizes, numLayers: 1 });
        const total = pieces.reduce((sum, n) => sum + n, 0);
        const [k, v] = [drawn(1, 1, 2, total, 4), drawn(2, 1, 2, total, 4)];
        let at = 0;
        for (const n of pieces) {
          cache.update(0, k.narrow(2, at, n), v.narrow(2, at, n));
          at += n;
        }
        const kept = Math.min(total, 6);
        expect(cache.length).toBe(total);
        expect(distance(cache.get(0).k, k.narrow(2, total - kept, kept))).toBe(0);
        expect(distance(cache.get(0).v, v.narrow(2, total - kept, kept))).toBe(0);
      }),
    ));

  it("takes all its memory at once: 2·B·layers·heads·positions·headDim numbers", () => {
    using _ = scope();
    const before = heap.live;
    const cache = new KVCache(sizes);
    const numbers = 2 * 2 * 2 * 2 * 6 * 4;
    expect(cache.bytes).toBe(4 * numbers);
    const made = heap.live - before;
    expect(made).toBeGreaterThanOrEqual(cache.bytes);
    {
      using __ = scope();
      for (let i = 0; i < 20; i++) cache.update(0, drawn(i, 1, 2, 1, 4), drawn(i, 1, 2, 1, 4));
    }
    expect(heap.live - before).toBe(made);
  });

  it("rewinds to an earlier position, and goes on from there", () => {
    const cache = new KVCache({ ...sizes, numLayers: 1 });
    const [k, v] = [drawn(1, 1, 2, 5, 4), drawn(2, 1, 2, 5, 4)];
    cache.update(0, k, v);
    cache.rewind(3);
    expect(distance(cache.get(0).k, k.narrow(2, 0, 3))).toBe(0);
    const other = drawn(3, 1, 2, 2, 4);
    cache.update(0, other, other);
    expect(distance(cache.get(0).v, cat([v.narrow(2, 0, 3), other], 2))).toBe(0);
    cache.reset();
    expect(cache.length).toBe(0);
    cache.update(0, drawn(4, 2, 2, 1, 4), drawn(4, 2, 2, 1, 4)); // another batch
  });
});

describe("attentionWithCache", () => {
  it("equals attention under a band of maxSeqLen positions, however the positions come", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(1, 2, 4),
        (pieces, heads) => {
          const cache = new KVCache({ ...sizes, numLayers: 1, numKvHeads: heads });
          const T = pieces.reduce((sum, n) => sum + n, 0);
          const [q, k, v] = [drawn(1, 1, 4, T, 4), drawn(2, 1, heads, T, 4), drawn(3, 1, heads, T, 4)];
          const expected = scaledDotProductAttention(q, k, v, { mask: bandMask(T, T, 6) });
          let at = 0;
          const found = pieces.map((n) => {
            const [a, b, c] = [q, k, v].map((x) => x.narrow(2, at, n));
            at += n;
            return attentionWithCache(a, b, c, cache, 0);
          });
          expect(distance(cat(found, 2), expected)).toBeLessThan(1e-6);
        },
      ),
    ));
});

const variants: Record<string, Partial<GPTOptions>> = {
  "as GPT-2": {},
  "as milestone 4": {
    positions: "rotary",
    norm: "rms",
    activation: "reluSquared",
    bias: false,
    qkNorm: true,
  },
  "one key head": { positions: "rotary", numKvHeads: 1 },
  "two key heads": { positions: "rotary", numKvHeads: 2 },
};
const model = (options: Partial<GPTOptions> = {}) =>
  new GPT({
    vocabSize: 11,
    embedDim: 16,
    numLayers: 3,
    numHeads: 4,
    maxSeqLen: 8,
    ...options,
    random: new Random(1),
  }).eval();

/** Scores of a sequence, read in pieces with a cache: [B, T, vocabSize]. */
function inPieces(gpt: GPT, ids: Tensor, pieces: readonly number[], cache: KVCache): Tensor {
  let at = 0;
  const found = pieces.map((n) => {
    const piece = ids.narrow(1, at, n);
    at += n;
    return gpt.next(piece, cache).unsqueeze(1);
  });
  return cat(found, 1);
}

describe("a model with a cache", () => {
  for (const [name, options] of Object.entries(variants)) {
    it(`gives the scores it gives without, at every position: ${name}`, () => {
      using _ = noGrad();
      const gpt = model(options);
      const ids = randint(0, 11, [2, 8], { random: new Random(3) });
      const whole = gpt.forward(ids);
      const cached = inPieces(gpt, ids, new Array(8).fill(1), KVCache.for(gpt, { maxBatchSize: 2 }));
      expect(distance(cached, whole)).toBeLessThan(1e-5);
      const chunks = inPieces(gpt, ids, [3, 1, 4], KVCache.for(gpt, { maxBatchSize: 3 }));
      for (const [i, position] of [2, 3, 7].entries())
        expect(distance(chunks.select(1, i), whole.select(1, position))).toBeLessThan(1e-5);
    });

    it(`generates what it generates without: ${name}`, () => {
      const gpt = model(options);
      const prompts = [[1, 2, 3], [4], [5, 6]];
      const settings = { maxLength: 5, temperature: 0.8 };
      const plain = gpt.generate(prompts, { ...settings, random: new Random(7) });
      const cache = KVCache.for(gpt, { maxBatchSize: 3 });
      expect(gpt.generate(prompts, { ...settings, random: new Random(7), cache })).toEqual(plain);
    });
  }

  it("sees a band once the window slides: the scores of an uncached model under the same mask", () => {
    using _ = noGrad();
    const gpt = model({ positions: "rotary", maxSeqLen: 20 });
    const ids = randint(0, 11, [1, 20], { random: new Random(3) });
    const cached = inPieces(gpt, ids, new Array(20).fill(1), KVCache.for(gpt, { maxSeqLen: 5 }));
    const mask = bandMask(20, 20, 5);
    for (const { attention } of gpt.blocks) {
      const forward = attention.forward.bind(attention);
      attention.forward = (x) => forward(x, { mask });
    }
    expect(distance(cached, gpt.forward(ids))).toBeLessThan(1e-5);
  });

  it("reads every token once", () => {
    const gpt = model({ positions: "rotary" });
    let read = 0;
    const forward = gpt.embedding.forward.bind(gpt.embedding);
    gpt.embedding.forward = (ids) => {
      read += ids.size;
      return forward(ids);
    };
    gpt.generate([1, 2, 3], { maxLength: 4, cache: KVCache.for(gpt) });
    expect(read).toBe(3 + 4 - 1); // the last one drawn is never read
  });

  it("generates the same again with the same cache", () => {
    const gpt = model({ positions: "rotary" });
    const cache = KVCache.for(gpt);
    const once = () => gpt.generate([1], { maxLength: 20, cache, random: new Random(2) });
    expect(once()).toEqual(once());
  });
});

describe("bad input", () => {
  const cache = new KVCache(sizes);

  it("is named: sizes and layers that do not exist", () => {
    expect(() => new KVCache({ ...sizes, maxSeqLen: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: KVCache: maxSeqLen = 0 — an integer ≥ 1]`,
    );
    expect(() => cache.get(2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: KVCache.get: layer 2 — layers go from 0 to 1]`,
    );
    expect(() =>
      cache.update(-1, zeros([1, 2, 1, 4]), zeros([1, 2, 1, 4])),
    ).toThrowErrorMatchingInlineSnapshot(`[RangeError: KVCache.update: layer -1 — layers go from 0 to 1]`);
  });

  it("is named, and changes nothing: keys of another shape, another batch, another dtype", () => {
    cache.update(0, zeros([2, 2, 1, 4]), zeros([2, 2, 1, 4]));
    expect(() =>
      cache.update(0, zeros([2, 3, 1, 4]), zeros([2, 3, 1, 4])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: KVCache.update: keys [2, 3, 1, 4], values [2, 3, 1, 4] — both are [B, 2, T, 4], B from 1 to 2]`,
    );
    expect(() =>
      cache.update(0, zeros([3, 2, 1, 4]), zeros([3, 2, 1, 4])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: KVCache.update: keys [3, 2, 1, 4], values [3, 2, 1, 4] — both are [B, 2, T, 4], B from 1 to 2]`,
    );
    expect(() =>
      cache.update(0, zeros([1, 2, 1, 4]), zeros([1, 2, 1, 4])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: KVCache.update: 1 sequences after positions of 2 — a batch stays the same; reset() before another]`,
    );
    const wide = zeros([2, 2, 1, 4], { dtype: "float64" });
    expect(() => cache.update(0, wide, wide)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: KVCache.update: keys float64, values float64 — a cache holds float32]`,
    );
    expect(cache.seen(0)).toBe(1);
  });

  it("is named: a rewind to where nothing is kept", () => {
    const one = new KVCache({ ...sizes, numLayers: 1 });
    one.update(0, zeros([1, 2, 8, 4]), zeros([1, 2, 8, 4]));
    expect(() => one.rewind(9)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: KVCache.rewind: to 9 of 8 positions — an integer from 0 to what was seen]`,
    );
    expect(() => one.rewind(7)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: KVCache.rewind: to 7 of 8 positions, 6 kept — the window has slid, and what it saw then is gone; reset() and read the sequence again]`,
    );
  });

  it("is named: more prompts than a cache has room for, more positions than learned ones", () => {
    const gpt = model();
    const one = KVCache.for(gpt);
    expect(() => gpt.generate([[1], [2]], { cache: one })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: 2 prompts, a cache for 1 — make one with a larger maxBatchSize]`,
    );
    expect(() => gpt.generate([1], { maxLength: 20, cache: one })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: prompt of 1, 20 new tokens, a cache and learned positions — the model has no position beyond maxSeqLen = 8; ask for less, or leave out the cache: then a window slides]`,
    );
  });
});
