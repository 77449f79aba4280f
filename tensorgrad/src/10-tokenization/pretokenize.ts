/**
 * GPT-2's rule for cutting a text into words, before any merge. A word is the first of these that fits: an English
 * ending ('s, 've …); letters, digits, or other signs, with the space before them; white space. White space leaves its
 * last space to the word that follows. Merges never cross a cut, so a word is encoded alike wherever it stands, and can
 * be cached.
 *
 * Source  Radford et al. 2019, GPT-2's encoder.py
 */
const WORD = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The words of a text in order. Together they are the text. */
export function* words(text: string): Generator<string, void> {
  const rule = new RegExp(WORD); // with a place of its own: two texts may be cut in turns
  for (let start = 0; start < text.length; start = rule.lastIndex) {
    step(rule, text, start);
    yield text.slice(start, rule.lastIndex);
  }
}

/** Throws  RangeError for a word beyond what a regular expression can hold */
function step(rule: RegExp, text: string, start: number): void {
  try {
    rule.test(text);
  } catch (cause) {
    const given = `a run of more than 4,000,000 symbols from position ${start}`;
    throw new RangeError(`words: ${given} — words are shorter; cut the text`, { cause });
  }
}
