import type { Exercise } from "../../exercise.ts";

export const bpeApply: Exercise = {
  id: "bpe-apply",
  title: "Apply merges to a word",
  points: 25,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/10-tokenization/merges.ts",
  note: "10-tokenization#the-rule",
  task:
    "A word comes as a list of tokens, at first its bytes. Merge the pair of neighbours with the lowest rank, the leftmost of equals. " +
    "Repeat until no pair has a rank. `this.#rank(left, right)` gives the rank of a pair, or Infinity. `this.list[rank].made` is the token it becomes. " +
    "You may change the list that you get; return it.",
  hints: [
    "Which merge did training learn first? Which one must encoding do first?",
    "Order is by rank, not by place. A merge makes new neighbours, which may have ranks of their own. Question 3 of note 10 says why.",
    "ranks[i] = rank(tokens[i], tokens[i + 1]), Infinity for the last. After a merge at i two pairs are new: (i − 1, i) and (i, i + 1).",
    "ranks ← rank of every pair; while more than one token: best ← place of the lowest rank; stop if it is Infinity; tokens[best] ← made; remove best + 1 from both lists; renew ranks[best] and ranks[best − 1]; return tokens",
  ],
  mistakes: [
    {
      name: "from left to right, whatever the rank",
      wrong: `for (let i = 0; i + 1 < tokens.length; ) {
  const rank = this.#rank(tokens[i], tokens[i + 1]);
  if (rank === Infinity) i++;
  else {
    tokens.splice(i, 2, this.list[rank].made);
    i = Math.max(0, i - 1);
  }
}
return tokens;`,
      says: "You merge the first pair that can be merged. A pair further right may have a lower rank, and takes a letter away from it.",
    },
    {
      name: "the latest merge goes first",
      wrong: `for (;;) {
  const ranks = tokens.map((left, i) => this.#rank(left, tokens[i + 1]));
  const known = ranks.filter((rank) => rank !== Infinity);
  if (known.length === 0) return tokens;
  const best = ranks.indexOf(Math.max(...known));
  tokens.splice(best, 2, this.list[ranks[best]].made);
}`,
      says: "Yours takes the highest rank first. Rank 0 was learned first, so it is applied first.",
    },
    {
      name: "the left neighbour keeps its old rank",
      wrong: `const ranks = tokens.map((left, i) => this.#rank(left, tokens[i + 1]));
while (tokens.length > 1) {
  let best = 0;
  for (let i = 1; i < ranks.length; i++) if (ranks[i] < ranks[best]) best = i;
  if (ranks[best] === Infinity) break;
  tokens[best] = this.list[ranks[best]].made;
  tokens.splice(best + 1, 1);
  ranks.splice(best + 1, 1);
  ranks[best] = this.#rank(tokens[best], tokens[best + 1]);
}
return tokens;`,
      says: "After a merge the token to its left has a new neighbour. The rank of that pair is still the old one in your list.",
    },
  ],
};
