// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text from a file, for a terminal: characters that move the cursor, change colours or reverse the direction of writing
 * are shown as `\u001b`. `keep` says which of them may stay.
 */
export const printable = (text: string, keep = ""): string =>
  text.replace(unsafe, (sign) =>
    keep.includes(sign) ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
