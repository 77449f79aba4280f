import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray } from "../01-tensor/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { GPT } from "../13-transformers/index.ts";
import { CachesTogether, KVCache } from "./index.ts";

const sizes = {
  vocabSize: 11,
  embedDim: 16,
  numLayers: 2,
  numHeads: 4,
  numKvHeads: 2,
  maxSeqLen: 12,
} as const;
const models = (["rotary", "learned"] as const).map((positions) =>
  new GPT({ ...sizes, positions, random: new Random(3) }).eval(),
);
const ids = (list: readonly number[]) => fromArray(Int32Array.from(list), [1, list.length]);
const prompts = fc.array(fc.array(fc.nat(10), { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
});

describe("caches together", () => {
  it("give every text what its own cache gives, whatever the lengths", () => {
    fc.assert(
      fc.property(prompts, fc.nat(1), (texts, which) => {
        using _ = noGrad();
        const model = models[which];
        const [alone, shared] = [0, 1].map(() => texts.map(() => KVCache.for(model)));
        for (const caches of [alone, shared])
          for (const [i, text] of texts.entries()) model.next(ids(text), caches[i]);
        const together = new CachesTogether(shared);
        for (let step = 0; step < 5; step++) {
          const next = texts.map((text) => (text[0] + step) % 11);
          const logits = model.next(ids(next), together);
          expect(logits.shape).toEqual([texts.length, 11]);
          for (const [i, id] of next.entries()) {
            const own = model.next(ids([id]), alone[i]).data;
            const there = logits.select(0, i).data;
            for (const [j, value] of own.entries()) expect(there[j]).toBeCloseTo(value, 5);
          }
          expect(together.positions).toEqual(alone.map(({ length }) => length));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("slide their windows each for itself", () => {
    using _ = noGrad();
    const [model] = models;
    const [long, short, own] = [0, 1, 2].map(() => KVCache.for(model));
    for (let i = 0; i < 20; i++) for (const cache of [long, own]) model.next(ids([i % 11]), cache);
    model.next(ids([5]), short);
    const logits = model.next(ids([7, 8]), new CachesTogether([long, short]));
    const alone = model.next(ids([7]), own).data;
    for (const [j, value] of alone.entries()) expect(logits.select(0, 0).data[j]).toBeCloseTo(value, 5);
  });

  it("refuse what is none, and passes that fit no text", () => {
    const cache = KVCache.for(models[0]);
    expect(() => new CachesTogether([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CachesTogether: 0 caches, 0 of them different — one for each text, at least one]`,
    );
    expect(() => new CachesTogether([cache, cache])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CachesTogether: 2 caches, 1 of them different — one for each text, at least one]`,
    );
    expect(() => new CachesTogether([3 as never])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: CachesTogether: caches — a list of caches, one for each text]`,
    );
    expect(() => models[0].next(ids([1, 2]), new CachesTogether([cache]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RotaryEmbedding(4): offset [0] for 2 rows — a whole number ≥ 0 for each]`,
    );
    expect(
      () =>
        models[0].positions ??
        models[0].blocks[0].attention.rotary?.forward(fromArray(new Float32Array(8), [2, 4]), {
          offset: [1],
        }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RotaryEmbedding(4): offset [1] for 2 rows — a whole number ≥ 0 for each]`,
    );
  });
});
