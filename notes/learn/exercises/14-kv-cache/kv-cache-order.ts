import type { CodeExercise } from "../../exercise.ts";

const got = (oldest: string, pieces: string, result: string) => `
    this.#checkLayer("get", layer);
    const { maxSeqLen } = this;
    const seen = this.#seen[layer];
    const whole = this.unordered(layer);
    const oldest = ${oldest};
    if (seen <= maxSeqLen || oldest === 0) return whole;
    const turned = (x: Tensor) => cat([${pieces}], 2);
    return ${result};`;

const [OLDER, NEWER] = ["x.narrow(2, oldest, maxSeqLen - oldest)", "x.narrow(2, 0, oldest)"];
const BOTH = "{ k: turned(whole.k), v: turned(whole.v) }";

export const kvCacheOrder: CodeExercise = {
  id: "kv-cache-order",
  kind: "find",
  title: "The oldest first",
  points: 20,
  part: "implementation",
  note: "14-kv-cache#the-rule",
  source: "tensorgrad/src/14-kv-cache/cache.ts",
  starts: "the newest piece stands first",
  task: `
\`get\` gives what a layer keeps, the oldest position first. In memory position p stands in place p modulo maxSeqLen.
So once the window has slid, the oldest position stands somewhere in the middle.

Attention with one new position does not notice the bug that is planted here. Attention with several does. Find it and mend it.`,
  hints: [
    "Four places have seen six positions. Which position stands in place 0, and which is the oldest?",
    "The memory consists of two pieces: from the oldest position to the end, and from place 0 to the newest. Only their order matters.",
    "oldest = seen mod maxSeqLen; result = places oldest … maxSeqLen − 1, then places 0 … oldest − 1, for keys and values alike.",
    "if nothing has left or the oldest stands in place 0: the memory as it is; else join the piece from `oldest` on with the piece before it.",
  ],
  mistakes: [
    {
      name: "the newest piece stands first",
      wrong: got("seen % maxSeqLen", `${NEWER}, ${OLDER}`, BOTH),
      says: "The pieces are joined in the order of their places. The piece that begins with the oldest position comes first.",
      fault: "attentionWithCache: keys in the order of another time",
    },
    {
      name: "how many have left is taken for a place",
      wrong: got("seen - maxSeqLen", `${OLDER}, ${NEWER}`, BOTH),
      says: "The number of positions that have left can exceed the number of places. A place is a remainder.",
    },
    {
      name: "only the keys are turned",
      wrong: got("seen % maxSeqLen", `${OLDER}, ${NEWER}`, "{ k: turned(whole.k), v: whole.v }"),
      says: "Keys are in order and values are not. So each key speaks for the value of another position.",
    },
  ],
};
