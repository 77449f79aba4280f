import type { Exercise } from "../../exercise.ts";

const head = `for (const n of [queries, keys])
  if (!Number.isInteger(n) || n < 0)
    throw new RangeError(\`causalMask: \${queries} queries, \${keys} keys — counts are whole numbers ≥ 0\`);
const seen = new Uint8Array(queries * keys);
for (let i = 0; i < queries; i++) {
`;
const tail = `
}
return fromArray(seen, [queries, keys], { dtype: "bool" });`;

export const maskFindLeak: Exercise = {
  id: "mask-find-leak",
  title: "Find the bug: a loss too good to be true",
  points: 20,
  part: "implementation",
  kind: "find",
  starts: "a causal query sees one key too many",
  source: "tensorgrad/src/12-attention/mask.ts",
  note: "12-attention#three-classic-bugs",
  task:
    "With this mask a language model reaches a loss near 0 within minutes, and writes noise. Find out what it sees, and repair the mask. " +
    "The last query stands at the last key. Each query sees keys up to its own, and of these the last `width`.",
  hints: [
    "The answer to position i is token i + 1. Which query may see it?",
    "Write the mask of three queries as rows of 0 and 1. `own` is the key at which query i stands. *One key too many* in note 12 describes the symptom.",
    "seen[i, j] = own − width < j ≤ own with own = i + keys − queries",
    "for each query i: own ← i + keys − queries; for j from max(0, own − width + 1) to own: seen[i·keys + j] ← 1",
  ],
  mistakes: [
    {
      name: "a causal query sees one key too many",
      fault: "scaledDotProductAttention: a causal query sees one key too many",
      wrong: `${head}  const own = i + keys - queries;
  for (let j = Math.max(0, own - width + 1); j <= Math.min(own + 1, keys - 1); j++) seen[i * keys + j] = 1;${tail}`,
      says: "Query i sees key i + 1, which is its own answer. It learns to copy it.",
    },
    {
      name: "the first query stands at the first key",
      wrong: `${head}  for (let j = Math.max(0, i - width + 1); j <= Math.min(i, keys - 1); j++) seen[i * keys + j] = 1;${tail}`,
      says: "Yours is right for as many queries as keys. With a cache of earlier keys the last query stands at the last key.",
    },
    {
      name: "no query sees itself",
      wrong: `${head}  const own = i + keys - queries;
  for (let j = Math.max(0, own - width + 1); j < own; j++) seen[i * keys + j] = 1;${tail}`,
      says: "The future is hidden, and the present as well. The first query then sees nothing at all.",
    },
    {
      name: "the band is one too wide",
      wrong: `${head}  const own = i + keys - queries;
  for (let j = Math.max(0, own - width); j <= own; j++) seen[i * keys + j] = 1;${tail}`,
      says: "A band of `width` keys counts the query's own. Yours has one more.",
    },
  ],
};
