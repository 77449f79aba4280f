/**
 * Text as bytes: UTF-8, one to four bytes a code point.
 *
 * JavaScript's strings may hold half of a surrogate pair alone. It is no character, and UTF-8 has no bytes for it. So that
 * *every* string comes back from its bytes, such a half gets the three bytes that UTF-8's scheme would give it.
 *
 * Source  RFC 3629; Sapin, The WTF-8 encoding
 */
export function toBytes(text: string): Uint8Array {
  if (!loneHalf.test(text)) return encoder.encode(text);
  // split by a group in parentheses keeps what it matched: at the odd places
  const parts = text.split(loneHalf).map((part, i) => (i % 2 === 0 ? encoder.encode(part) : halfBytes(part)));
  return joined(parts);
}

/** The text of bytes. Bytes that are none become U+FFFD, as everywhere. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    if (!isHalf(bytes, at) || at < start) continue;
    const half = String.fromCharCode(0xd000 | ((bytes[at + 1] & 0x3f) << 6) | (bytes[at + 2] & 0x3f));
    text += decoder.decode(bytes.subarray(start, at)) + half;
    start = at + 3;
  }
  return text + decoder.decode(bytes.subarray(start));
}

/** One array with the bytes of all. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const encoder = new TextEncoder();
// Without ignoreBOM a first U+FEFF would be lost.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const loneHalf = /(\p{Surrogate})/u; // with the flag u, a whole pair is one code point and no surrogate

function halfBytes(half: string): Uint8Array {
  const code = half.charCodeAt(0);
  return Uint8Array.of(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
}

const isHalf = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at + 1] & 0xe0) === 0xa0 && (bytes[at + 2] & 0xc0) === 0x80;

/**
 * A printable character for each of the 256 bytes: how tokens are written in `vocab.json`, `merges.txt` and
 * `tokenizer.json`, where no byte may look like a space or break a line. The 188 printable bytes of Latin-1 stand for
 * themselves; the others, in order, are U+0100 and on: a space is "Ġ", a line feed "Ċ".
 *
 * Source  Radford et al. 2019, GPT-2's encoder.py
 */
const PRINTABLE = [range(0x21, 0x7e), range(0xa1, 0xac), range(0xae, 0xff)].flat();
const HIDDEN = range(0, 0xff).filter((byte) => !PRINTABLE.includes(byte));
const CHARACTERS: readonly string[] = range(0, 0xff).map((byte) =>
  String.fromCharCode(PRINTABLE.includes(byte) ? byte : 0x100 + HIDDEN.indexOf(byte)),
);
const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]));

export const spelled = (bytes: Uint8Array): string => Array.from(bytes, (byte) => CHARACTERS[byte]).join("");

/** The bytes of a token as files spell it, or null where a character stands for none. */
export function unspelled(token: string): Uint8Array | null {
  const bytes = Array.from(token, (character) => BYTES.get(character) ?? -1);
  return bytes.includes(-1) ? null : Uint8Array.from(bytes);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
