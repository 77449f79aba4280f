import {
  checked,
  counted,
  defaultRandom,
  expectArgument,
  Printed,
  type Random,
  written,
} from "../../00-runtime/index.ts";

/** Options of `syntheticNames`. */
export interface SyntheticNamesOptions {
  /** How many names, all different. */
  readonly count?: number;
  readonly random?: Random;
}

/** Words, each of them once, in the order in which they first came. */
export class WordList extends Printed {
  readonly words: readonly string[];

  constructor(words: Iterable<string>) {
    super();
    expectArgument(
      typeof (words as Iterable<string> | null)?.[Symbol.iterator] === "function" &&
        typeof words !== "string",
      "WordList",
      "words",
      words,
      "a list of words",
    );
    this.words = [...new Set(words)];
  }

  /** How many words it has. */
  get length(): number {
    return this.words.length;
  }

  /** Word number i. */
  get(i: number): string {
    if (Number.isInteger(i) && i >= 0 && i < this.length) return this.words[i];
    throw new RangeError(`WordList.get: index ${i} — there are ${this.length} words, counted from 0`);
  }

  /** Whether it holds this word. */
  has(word: string): boolean {
    return this.words.includes(word);
  }

  /** A share of the words, drawn at random, and the rest: no word is in both. */
  split(share = 0.9, random: Random = defaultRandom): [train: WordList, validation: WordList] {
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`WordList.split: share ${share} — a number from 0 to 1`);
    const words = [...this.words];
    for (let i = words.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [words[i], words[j]] = [words[j], words[i]];
    }
    const end = Math.floor(words.length * share);
    return [new WordList(words.slice(0, end)), new WordList(words.slice(end))];
  }

  protected override describe(): string {
    return `${counted(this.length, "word")}: ${written(this.words)}`;
  }
}

const ONSETS = [
  "b",
  "br",
  "c",
  "d",
  "el",
  "f",
  "gr",
  "j",
  "k",
  "l",
  "m",
  "mar",
  "n",
  "r",
  "s",
  "sh",
  "t",
  "v",
  "z",
];
const MIDDLES = ["a", "e", "i", "o", "u", "ai", "ea", "ia"];
const JOINTS = ["l", "ll", "m", "n", "nn", "r", "s", "t", "v", "d", "nd"];
const ENDS = ["a", "ah", "el", "en", "ia", "ie", "in", "lyn", "n", "on", "or", "y"];

/** Most that can be told apart: names of two and of three syllables. */
const MOST = 20_000;

/** Names that nobody has, put together from syllables: here without a file. The same seed makes the same names. */
export function syntheticNames(options: SyntheticNamesOptions = {}): WordList {
  const { count = 4000, random = defaultRandom } = checked("syntheticNames", options, ["count", "random"]);
  if (!Number.isInteger(count) || count < 0 || count > MOST)
    throw new RangeError(
      `syntheticNames: count ${count} — an integer from 0 to ${MOST.toLocaleString("en")}`,
    );
  const pick = (parts: readonly string[]) => parts[random.integer(parts.length)];
  const names = new Set<string>();
  while (names.size < count) {
    const joints = Array.from({ length: 1 + random.integer(2) }, () => pick(MIDDLES) + pick(JOINTS));
    names.add(pick(ONSETS) + joints.join("") + pick(ENDS));
  }
  return new WordList(names);
}
