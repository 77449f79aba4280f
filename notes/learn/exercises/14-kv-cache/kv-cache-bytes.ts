import type { QuestionExercise } from "../../exercise.ts";

export const kvCacheBytes: QuestionExercise = {
  id: "kv-cache-bytes",
  kind: "predict",
  title: "What a cache takes of memory",
  points: 15,
  part: "systems",
  note: "14-kv-cache#systems-analysis",
  task: `
A GPT has \`embedDim: 32, numLayers: 3, numHeads: 4, maxSeqLen: 64\`; its numbers are float32.
Predict the bytes of \`KVCache.for(model)\` with 4, 2 and 1 key heads, and with 1 key head for a batch of 8.
The check makes the caches and reads \`cache.bytes\`.`,
  hints: [
    "What is kept of one position in one layer?",
    "The note counts milestone 4 by hand: keys and values, in every layer, of every key head.",
    "bytes = 2·B·layers·key heads·positions·head width·4, and the head width is embedDim/numHeads.",
    "head width = 32/4; numbers of a position = 2·3·key heads·8; times 64 positions, times 4 bytes, times the batch.",
  ],
  questions: [
    { name: "heads4", ask: "How many bytes with 4 key heads?", unit: "bytes" },
    { name: "heads2", ask: "How many bytes with 2 key heads?", unit: "bytes" },
    { name: "heads1", ask: "How many bytes with 1 key head?", unit: "bytes" },
    { name: "batch8", ask: "How many bytes with 1 key head and a batch of 8?", unit: "bytes" },
  ],
  mistakes: [
    {
      name: "values forgotten",
      wrong: { heads4: 24_576, heads2: 12_288, heads1: 6_144, batch8: 49_152 },
      says: "A cache keeps keys and values: two tensors of one shape.",
    },
    {
      name: "one layer only",
      wrong: { heads4: 16_384, heads2: 8_192, heads1: 4_096, batch8: 32_768 },
      says: "Every layer has keys and values of its own.",
    },
    {
      name: "numbers taken for bytes",
      wrong: { heads4: 12_288, heads2: 6_144, heads1: 3_072, batch8: 24_576 },
      says: "You counted numbers. A float32 has four bytes.",
    },
    {
      name: "fewer key heads taken for narrower ones",
      wrong: { heads4: 49_152, heads2: 49_152, heads1: 49_152, batch8: 393_216 },
      says: "Fewer key heads keep their width. Queries share them, so less is kept.",
    },
  ],
};
