import type { Exercise } from "../../exercise.ts";

const head = `const { offset = 0 } = checked("PositionalEncoding.forward", options, ["offset"]);
const call = \`PositionalEncoding(\${this.maxSeqLen}, \${this.embedDim})\`;
checkPositions(call, x, this.embedDim, offset, this.maxSeqLen);
`;

export const positionsFindOffset: Exercise = {
  id: "positions-find-offset",
  title: "Find the bug: right in training, wrong in generation",
  points: 20,
  part: "implementation",
  kind: "find",
  starts: "the offset is forgotten",
  source: "tensorgrad/src/11-embeddings/positions.ts",
  note: "11-embeddings#by-hand-first",
  task:
    "A model with this `forward` trains well. When it generates with a cache, it gets one token at a time, and the text is poor. " +
    "All its checks of the input are right. Find what the model cannot know, and repair it. `this.rows(start, count, x)` gives the rows of positions.",
  hints: [
    "With a cache, x has one row. Which position does that row have?",
    "`offset` says how many tokens came before. Look where it is used, and where it is not.",
    "y[t] = x[t] + p[offset + t] for t = 0 … T − 1, T the second-to-last dim of x",
    "read offset; check the positions; return x plus rows(offset, T, x)",
  ],
  mistakes: [
    {
      name: "the offset is forgotten",
      fault: "PositionalEncoding: the offset is forgotten",
      wrong: `${head}return x.add(this.rows(0, x.shape.at(-2) as number, x));`,
      says: "Your positions always begin at 0. With a cache, every new token then stands at the first place.",
    },
    {
      name: "one position for all rows",
      wrong: `${head}return x.add(this.rows(offset, 1, x));`,
      says: "All rows of x get the position of the first. Ask for as many rows as x has.",
    },
    {
      name: "multiplied in place of added",
      wrong: `${head}return x.mul(this.rows(offset, x.shape.at(-2) as number, x));`,
      says: "You multiply by the positions. Where a sine is 0, the token is lost. They are added.",
    },
  ],
};
