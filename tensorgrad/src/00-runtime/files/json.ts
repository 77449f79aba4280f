/** Far more than any file of ours needs. What goes through values by recursion overflows the stack at some thousands. */
export const DEEPEST = 100;

/**
 * `JSON.parse` for text that comes from outside.
 *
 * Throws    SyntaxError for what is no JSON, and for lists and objects nested deeper than 100
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === "}" || sign === "]") depth--;
    else if ((sign === "{" || sign === "[") && ++depth > DEEPEST)
      throw new SyntaxError(`lists and objects are nested more than ${DEEPEST} deep`);
  }
  return JSON.parse(text);
}

/** The position of the quote that closes the one at `start`: not one after an odd number of backslashes. */
export function endOfString(text: string, start: number): number {
  let end = start;
  let slashes: number;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length; // no JSON: the parser will say so
    slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
  } while (slashes % 2 === 1);
  return end;
}
