import type { Exercise } from "../../exercise.ts";

const head = `const { skipSpecialTokens = false } = checked("BPETokenizer.decode", options, ["skipSpecialTokens"]);
checkIds("BPETokenizer.decode", ids, this.#pieces);`;
const marks = "const marks = skipSpecialTokens ? new Set(this.specialTokens.values()) : new Set();";

export const decodeFindHalves: Exercise = {
  id: "decode-find-halves",
  title: "Find the bug: é comes out as two marks",
  points: 20,
  part: "implementation",
  kind: "find",
  starts: "decoded token by token",
  source: "tensorgrad/src/10-tokenization/bpe.ts",
  note: "10-tokenization#three-classic-bugs",
  task:
    'This `decode` gives English back without a fault. From "é" and "😀" it makes "��" and more. Find out why, and repair it. ' +
    "`this.#bytesOf(ids)` gives the bytes of ids, `fromBytes(bytes)` the text of bytes.",
  hints: [
    "How many bytes has é, and how many tokens can they be?",
    "A token may end within a character. Its bytes alone are then no text. Read the second of the *Three classic bugs*.",
    "text = fromBytes(bytes of all ids together), special tokens left out on request",
    "check options and ids; marks ← the special ids if they are to be skipped; filter the ids; join their bytes; decode once",
  ],
  mistakes: [
    {
      name: "decoded token by token",
      wrong: `${head}
${marks}
return Array.from(ids)
  .filter((id) => !marks.has(id))
  .map((id) => fromBytes(this.#bytesOf([id])))
  .join("");`,
      says: "Each token becomes text on its own. Half a character is no text, so it becomes a replacement mark.",
    },
    {
      name: "a character for every byte",
      wrong: `${head}
${marks}
const bytes = this.#bytesOf(Array.from(ids).filter((id) => !marks.has(id)));
return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");`,
      says: "Each byte becomes a character of its own. That is right up to code 127 only: beyond, UTF-8 takes several bytes.",
    },
    {
      name: "special tokens are always left out",
      wrong: `${head}
const marks = new Set(this.specialTokens.values());
return fromBytes(this.#bytesOf(Array.from(ids).filter((id) => skipSpecialTokens || !marks.has(id))));`,
      says: "The text is right, but special tokens follow the option the wrong way round. They stay unless they are to be skipped.",
    },
  ],
};
