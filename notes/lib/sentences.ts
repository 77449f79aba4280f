/** More words than this are a long sentence. */
export const LONG = 25;

export interface Sentence {
  readonly text: string;
  readonly words: number;
}

/**
 * The sentences of a page in Markdown. Code, tables, formulas on lines of their own, pictures and comments are left out; of a link its
 * words are read. A line of a list is a sentence, and so is what stands before a colon at the end of a line.
 */
export function sentencesOf(markdown: string): Sentence[] {
  const prose = markdown
    .replace(/^```[\s\S]*?^```/gm, "\n\n")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<\/?(details|summary)>/g, "\n\n")
    .replace(/^\|.*$/gm, "\n\n")
    .replace(/^#+ .*$/gm, "\n\n")
    .replace(/^( {2,}|\t)\S.*$/gm, (line) => (/[=Σ∂→]/.test(line) ? "\n\n" : line))
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/`([^`]*)`/g, (_, code: string) => code.replace(/\s+/g, "")) // a call is one word
    .replace(/[*_]{1,2}/g, "");
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((block) => block.replace(/\s+/g, " ").replace(/Sources?: .*/, "")) // titles of books are no sentences
    .flatMap((block) => block.split(/(?<=[.?!])(?<!\b(?:al|e\.g|i\.e|vs)\.)\s+|(?<=:)\s+(?=[A-Z“"(])/))
    .map((text) => text.replace(/^\s*(?:[-*]|\d+\.) /, "").trim())
    .map((text) => ({ text, words: wordsIn(text) }))
    .filter(({ words }) => words >= 3);
}

/** Numbers, signs and names of one letter are no words that one has to read. */
const wordsIn = (text: string): number =>
  text.split(/[\s—–]+/).filter((word) => /\p{L}{2}/u.test(word)).length;
