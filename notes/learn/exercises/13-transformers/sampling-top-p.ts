import type { CodeExercise } from "../../exercise.ts";

const limited = (sort: string, enough: string, more: string) => `
  const ids = Array.from(weights.keys());
  if (topK >= ids.length && topP === 1) return ids;
  ids.sort((a, b) => ${sort} || a - b);
  const first = ids.slice(0, topK);
  const enough = topP * ${enough};
  let [sum, count] = [0, 0];
  while (count < first.length && ${more}) sum += weights[first[count++]];
  return topP === 1 ? first : first.slice(0, count);`;

const LARGEST_FIRST = "weights[b] - weights[a]";
const OF_FIRST = "first.reduce((sum, id) => sum + weights[id], 0)";

export const samplingTopP: CodeExercise = {
  id: "sampling-top-p",
  kind: "find",
  title: "The token that crosses the limit",
  points: 20,
  part: "implementation",
  note: "13-transformers#the-code-in-reading-order",
  source: "tensorgrad/src/13-transformers/sampling.ts",
  starts: "the token that crosses the limit is left out",
  task: `
\`kept\` chooses the tokens from which one is drawn. \`weights\` are relative: the likeliest token has weight 1.
Top-k keeps the k likeliest. Top-p then keeps the fewest of these whose weights together reach the share \`topP\` of what top-k has left.
The likeliest stands first; of two equal ones, the lower id.

The code has one bug. With a small \`topP\` nothing is left to draw from. Find it by reading, then mend it.`,
  hints: [
    "The likeliest token has a chance of 60 %, and topP is 0.5. How many tokens should be kept, and how many are?",
    "Follow the loop with a pencil for four tokens. Ask when it stops: before or after the share is reached?",
    "Keep the smallest count with Σ of the first `count` weights ≥ topP·Σ of all weights in `first`.",
    "sort; take the first topK; enough = topP times their sum; while sum < enough: add the next weight and count it; return the first count.",
  ],
  mistakes: [
    {
      name: "the token that crosses the limit is left out",
      wrong: limited(LARGEST_FIRST, OF_FIRST, "sum + weights[first[count]] < enough"),
      says: "The loop stops before the share is reached. The token that crosses the limit belongs to the set.",
    },
    {
      name: "the share counts tokens that top-k has removed",
      wrong: limited(LARGEST_FIRST, "weights.reduce((sum, weight) => sum + weight, 0)", "sum < enough"),
      says: "topP is a share of what top-k has left. You take the share of all tokens.",
    },
    {
      name: "weights taken for chances",
      wrong: limited(LARGEST_FIRST, "1", "sum < enough"),
      says: "The weights do not sum to 1: the likeliest alone has weight 1. Compare with a share of their sum.",
    },
    {
      name: "the least likely first",
      wrong: limited("weights[a] - weights[b]", OF_FIRST, "sum < enough"),
      says: "The order is wrong: the set begins with the least likely token.",
    },
  ],
};
