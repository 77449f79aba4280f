import { Random } from "tensorgrad";
import { GPT, KVCache } from "tensorgrad/nn";
import { exponent, milliseconds, report } from "../lib/measure.ts";

/** Note 14: what a cache costs in memory and saves in time, by length and by the number of key heads. */
const sizes = {
  vocabSize: 65,
  embedDim: 128,
  numLayers: 4,
  numHeads: 4,
  maxSeqLen: 512,
  positions: "rotary",
} as const;
const model = (numKvHeads: number): GPT => new GPT({ ...sizes, numKvHeads, random: new Random(1) }).eval();

const LENGTHS = [32, 64, 128, 256];

function byLength() {
  const gpt = model(4);
  const points = LENGTHS.map((length) => {
    const time = (cache?: KVCache): number =>
      milliseconds(
        () => void gpt.generate([1], { maxLength: length, temperature: 0, ...(cache ? { cache } : {}) }),
        {
          rounds: 3,
          warmUp: 1,
        },
      );
    const cache = KVCache.for(gpt, { maxSeqLen: length });
    return { length, cachedMs: time(cache), plainMs: time(), bytes: cache.bytes };
  });
  return {
    points,
    cachedExponent: exponent(points.map(({ length, cachedMs }) => [length, cachedMs])),
    plainExponent: exponent(points.map(({ length, plainMs }) => [length, plainMs])),
  };
}

function byKeyHeads() {
  return [1, 2, 4].map((numKvHeads) => {
    const gpt = model(numKvHeads);
    const cache = KVCache.for(gpt);
    const generate = () => void gpt.generate([1], { maxLength: 256, temperature: 0, cache });
    return {
      numKvHeads,
      bytes: cache.bytes,
      parameters: gpt.parameters().reduce((sum, { size }) => sum + size, 0),
      ms: milliseconds(generate, { rounds: 3, warmUp: 1 }),
    };
  });
}

report({ lengths: byLength(), keyHeads: byKeyHeads() });
