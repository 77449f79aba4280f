import { checked, defaultRandom, type Random } from "../../00-runtime/index.ts";
import { Corpus } from "./corpus.ts";

/** Options of `syntheticText`. */
export interface SyntheticTextOptions {
  /** Number of characters. */
  readonly length?: number;
  readonly random?: Random;
}

const NAMES = ["FIRST LORD", "SECOND LORD", "QUEEN", "FOOL", "MESSENGER", "NURSE"];
const SUBJECTS = [
  "the king",
  "my lord",
  "thy sister",
  "the moon",
  "this crown",
  "a gentle word",
  "the night",
];
const VERBS = ["hath left", "shall see", "doth love", "will break", "fears", "commands", "forgives"];
const OBJECTS = [
  "the sleeping town",
  "his brother",
  "an honest heart",
  "the northern sea",
  "thee",
  "our peace",
];
const ENDINGS = [".", ", and weeps.", ", my friend.", "!", "; so farewell.", ", if fortune will?"];

/**
 * Scenes of a play that was never written, drawn from a small grammar: like tiny Shakespeare in its form, learnt in
 * seconds, and here without a file. The same seed writes the same scenes.
 */
export function syntheticText(options: SyntheticTextOptions = {}): Corpus {
  const { length = 20_000, random = defaultRandom } = checked("syntheticText", options, ["length", "random"]);
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new RangeError(`syntheticText: length ${length} — the number of characters is an integer ≥ 0`);
  }
  const pick = (words: readonly string[]): string => words[random.integer(words.length)];
  const pieces: string[] = [];
  for (let written = 0; written < length; written += pieces[pieces.length - 1].length) {
    const lines = Array.from({ length: 1 + random.integer(3) }, () => {
      const line = `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)}${pick(ENDINGS)}\n`;
      return line[0].toUpperCase() + line.slice(1);
    });
    pieces.push(`${pick(NAMES)}:\n${lines.join("")}\n`);
  }
  return new Corpus(pieces.join("").slice(0, length));
}
