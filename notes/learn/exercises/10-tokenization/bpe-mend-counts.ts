import type { Exercise } from "../../exercise.ts";

const loop = (inside: string) => `const [tokens, next, previous] = [this.#tokens, this.#next, this.#previous];
const grown = new Set<Pair>();
this.#pairs.delete(pairKey(pair.left, pair.right));
for (const i of pair.places) {
  const j = next[i];
  if (tokens[i] !== pair.left || j === END || tokens[j] !== pair.right) continue;
${inside}
}
for (const grew of grown) if (grew.count > 0) this.#queue.push({ pair: grew, count: grew.count });`;

export const bpeMendCounts: Exercise = {
  id: "bpe-mend-counts",
  title: "Mend the counts of pairs",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/10-tokenization/learn.ts",
  note: "10-tokenization#the-rule",
  task:
    "Tokens stand in `tokens`, linked by `next` and `previous`. A pair becomes the token `made`. " +
    "First on paper: in x a b y the pair a·b becomes m. Which pairs are gone, and which are new? What happens in a a a with the pair a·a? " +
    "Then write `merge`. Visit the places of the pair. Skip those where it no longer stands. Forget the old pairs, change the links, count the new pairs. " +
    "Queue every pair that grew.",
  hints: [
    "In x a b y, which pairs contain a or b?",
    "x·a and b·y are gone, x·m and m·y are new; all others stay. The place of b must not be taken for a token again. The excerpt in note 10 shows the heart of it.",
    "`#forget(i)` and `#count(i, grown)` are about the pair at place i and its right neighbour. Old pairs begin at previous[i] and at j = next[i], new ones at previous[i] and at i.",
    "delete the pair; for each place i: j ← next[i]; skip unless left and right stand there; forget previous[i] and j; tokens[i] ← made, tokens[j] ← END; next[i] ← next[j] and back; count previous[i] and i; then queue what grew",
  ],
  mistakes: [
    {
      name: "pairs that are gone still count",
      wrong: loop(`  tokens[i] = made;
  tokens[j] = END;
  next[i] = next[j];
  if (next[i] !== END) previous[next[i]] = i;
  this.#count(previous[i], grown);
  this.#count(i, grown);`),
      says: "You count the new pairs, but the old ones keep their counts. They are merged later, although they no longer exist.",
    },
    {
      name: "the new pair on the left is not counted",
      wrong: loop(`  this.#forget(previous[i]);
  this.#forget(j);
  tokens[i] = made;
  tokens[j] = END;
  next[i] = next[j];
  if (next[i] !== END) previous[next[i]] = i;
  this.#count(i, grown);`),
      says: "The new token has a neighbour on the left, too. That pair is missing among your counts.",
    },
    {
      name: "overlapping places are merged twice",
      wrong: loop(`  this.#forget(previous[i]);
  this.#forget(j);
  tokens[i] = made;
  next[i] = next[j];
  if (next[i] !== END) previous[next[i]] = i;
  this.#count(previous[i], grown);
  this.#count(i, grown);`),
      says: "In a a a the pair a·a stands at two places that share a letter. After the first merge the second letter is gone. Mark its place.",
    },
    {
      name: "the link back is old",
      wrong: loop(`  this.#forget(previous[i]);
  this.#forget(j);
  tokens[i] = made;
  tokens[j] = END;
  next[i] = next[j];
  this.#count(previous[i], grown);
  this.#count(i, grown);`),
      says: "The token behind the pair still points back to the letter that is gone. The next merge there forgets the wrong pair.",
    },
  ],
};
