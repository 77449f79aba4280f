import type { CodeExercise } from "../../exercise.ts";

const loop = (place: string, run: string, keys: string, values: string, seen: string) => `
    this.#check("update", layer, k, v);
    const { maxSeqLen } = this;
    const [batch, , count] = k.shape;
    const seen = this.#seen[layer];
    const kept = Math.min(count, maxSeqLen);
    for (let i = count - kept; i < count; ) {
      const place = ${place};
      const run = ${run};
      const to = this.#layers[layer];
      copyInto(stretch(${keys}, batch, i, run), stretch(to.k, batch, place, run));
      copyInto(stretch(${values}, batch, i, run), stretch(to.v, batch, place, run));
      i += run;
    }
    this.#seen[layer] = ${seen};
    this.#batch = batch;`;

const PLACE = "(seen + i) % maxSeqLen";
const RUN = "Math.min(count - i, maxSeqLen - place)";

export const kvCacheUpdate: CodeExercise = {
  id: "kv-cache-update",
  kind: "write",
  title: "Keys and values into their places",
  points: 25,
  part: "implementation",
  note: "14-kv-cache#the-rule",
  source: "tensorgrad/src/14-kv-cache/cache.ts",
  task: `
Write keys and values of new positions, [B, numKvHeads, T, headDim] each, into a layer of the cache.
Position p stands in place p modulo maxSeqLen, so the newest position takes the place of the oldest.
Of more positions than there are places, only the last ones count.

Begin with \`this.#check("update", layer, k, v);\`. \`this.#layers[layer]\` is \`{ k, v }\`, the whole memory of the layer.
\`this.#seen[layer]\` counts all positions that the layer has seen; \`this.#batch\` remembers B.
\`stretch(x, batch, start, count)\` is a view of some positions, and \`copyInto(from, to)\` copies.`,
  hints: [
    "Four places, three are taken. Two positions come. Where does each of them go?",
    "One copy can only fill places that lie side by side. At the end of the memory, a second copy begins at place 0.",
    "Place of the i-th new position: (seen + i) mod maxSeqLen. Positions that fit in one copy: min(count − i, maxSeqLen − place).",
    "check; i = count − min(count, maxSeqLen); while i < count: place, run, copy keys, copy values, i += run; then seen += count, and remember the batch.",
  ],
  mistakes: [
    {
      name: "the positions seen before are forgotten",
      wrong: loop("i % maxSeqLen", RUN, "k", "v", "seen + count"),
      says: "New positions are written over the first ones. Their place depends on how many positions came before.",
      fault: "KVCache: written at the wrong position, over the one before",
    },
    {
      name: "what does not fit behind the last place is dropped",
      wrong: loop(PLACE, `${RUN}; if (i > count - kept && place === 0) break`, "k", "v", "seen + count"),
      says: "The copy stops at the end of the memory. The remaining positions belong to the first places.",
    },
    {
      name: "only the kept positions are counted",
      wrong: loop(PLACE, RUN, "k", "v", "Math.min(seen + count, maxSeqLen)"),
      says: "The count stops at maxSeqLen. It says at which position the next query stands, so it counts all that were seen.",
    },
    {
      name: "keys and values exchanged",
      wrong: loop(PLACE, RUN, "v", "k", "seen + count"),
      says: "Keys stand where values belong. Look at the two copies again.",
      fault: "attentionWithCache: keys and values exchanged",
    },
  ],
};
