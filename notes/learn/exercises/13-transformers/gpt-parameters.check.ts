import { GPT, type Module } from "tensorgrad/nn";
import { asked } from "../compare.ts";

const model = (embedDim: number): GPT =>
  new GPT({ vocabSize: 50, embedDim, numLayers: 2, numHeads: 2, maxSeqLen: 8 });

const count = (...parts: (Module | null)[]): number =>
  parts.flatMap((part) => part?.parameters() ?? []).reduce((sum, { size }) => sum + size, 0);

export const { checks, solution } = asked({
  block: ["one block", () => count(model(16).blocks[0])],
  tables: [
    "the tables of tokens and positions",
    () => {
      const { embedding, positions } = model(16);
      return count(embedding, positions);
    },
  ],
  whole: ["the whole model", () => count(model(16))],
  wideBlock: ["a block of twice the width", () => count(model(32).blocks[0])],
});
