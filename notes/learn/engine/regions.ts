/**
 * Exercises are cut from the real sources: `// exercise: <id>` above a function marks its body, above a statement that a line
 * `// stub: <code>` follows it marks the statement. Sources are formatted by Biome, so indentation tells where a region ends.
 */

export interface Region {
  readonly id: string;
  readonly kind: "body" | "statement";
  /** Lines of the region: the first, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** What stands before each line of the region. */
  readonly indent: string;
  /** What a `// stub:` line offers in its place. */
  readonly stub: string | null;
}

const marker = /^(\s*)\/\/ exercise: ([\w-]+)\s*$/;
const stubLine = /^(\s*)\/\/ stub: (.*)$/;
const comment = /^\s*(\/\/|\/\*|\*)/;
/** Alone on its line, this ends a function, a method or an arrow function. */
const closing = /^\}[;,)\]]*$/;

/** The ids of all marked regions, in their order. */
export const markedIn = (text: string): string[] =>
  text.split("\n").flatMap((line) => {
    const id = marker.exec(line)?.[2];
    return id === undefined ? [] : [id];
  });

/** Where a region is, or null if its marker or its end is not found. */
export function findRegion(text: string, id: string): Region | null {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => marker.exec(line)?.[2] === id);
  if (at < 0) return null;
  const indent = marker.exec(lines[at])?.[1] ?? "";
  const inner = (line: string): string | null => (depth(line) === indent ? line.trim() : null);
  const close = lines.findIndex((line, i) => i > at && closing.test(inner(line) ?? ""));
  const stub = lines.findIndex((line, i) => i > at && inner(line) !== null && stubLine.test(line));
  if (stub > 0 && (close < 0 || stub <= close + 1))
    return { id, kind: "statement", from: at + 1, to: stub, indent, stub: stubLine.exec(lines[stub])![2] };
  if (close < 0) return null;
  const open = lines.findLastIndex(
    (line, i) => i > at && i < close && !comment.test(line) && (inner(line)?.endsWith("{") ?? false),
  );
  if (open < 0) return null;
  return { id, kind: "body", from: open + 1, to: close, indent: `${indent}  `, stub: null };
}

const depth = (line: string): string => /^\s*/.exec(line)![0];

/** The code of a region, without the indentation that its lines share. */
export const codeOf = (text: string, { from, to }: Region): string =>
  dedent(text.split(/\r?\n/).slice(from, to).join("\n"));

export function dedent(code: string): string {
  const lines = code.replace(/^\s*\n|\s+$/g, "").split("\n");
  const shared = Math.min(...lines.filter((line) => line.trim()).map((line) => depth(line).length));
  return lines.map((line) => line.slice(Number.isFinite(shared) ? shared : 0)).join("\n");
}

/** The text with other code in a region. */
export function withCode(text: string, { from, to, indent }: Region, code: string): string {
  const lines = text.split(/\r?\n/);
  const written = dedent(code)
    .split("\n")
    .map((line) => (line ? indent + line : line));
  return [...lines.slice(0, from), ...written, ...lines.slice(to)].join("\n");
}

/** What the learner finds in a region: it can be run, and says what is missing. */
export const stubOf = ({ id, stub }: Region): string =>
  stub ?? `throw new Error("${id}: this part is yours to write");`;

/** Code without what formatting may change: two that agree here are the same program. */
export const essence = (code: string): string =>
  code
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");

/** Lines of code: neither empty nor only a comment. */
export const linesOfCode = (code: string): number =>
  code.split("\n").filter((line) => line.trim() && !comment.test(line)).length;

/**
 * A region that holds several programs at once: `globalThis.learnVariant` says by number which one runs, 0 the first. A check of
 * many wrong solutions needs one bundle only.
 */
export function withVariants(text: string, region: Region, codes: readonly string[]): string {
  const cases = codes.slice(1).map((code, i) => `case ${i + 1}: {\n${code}\n}\nbreak;`);
  return withCode(
    text,
    region,
    `switch (globalThis.learnVariant) {\n${cases.join("\n")}\ndefault: {\n${codes[0]}\n}\n}`,
  );
}
