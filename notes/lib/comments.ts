/** A comment of a TypeScript source, in the Markdown that `sentencesOf` reads, and the line on which it begins. */
export interface Comment {
  readonly line: number;
  readonly text: string;
}

/** Labels of a docstring's table: what follows is shapes, formulas and names, not prose. */
const TABLE = /^ ?(Shapes?|Gradient|Cost|ONNX|Sources?|Throws|Errors|Memory|Returns|Example)\b {2,}/;

/**
 * The comments of a source: blocks, and runs of lines with `//`. Words of tools (biome, exercises, stubs) are left out, and
 * so are the tables of docstrings with their continuations.
 */
export function commentsOf(source: string): Comment[] {
  const found: Comment[] = [];
  const lines = source.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    if (/^\s*\/\*\*?/.test(lines[i])) {
      const block: string[] = [];
      for (; i < lines.length; i++) {
        block.push(lines[i].replace(/\s*\*\/.*$/, "").replace(/^\s*\/?\*+ ?/, ""));
        if (lines[i].includes("*/")) break;
      }
      found.push({ line: start + 1, text: withoutTable(block).join("\n") });
    } else if (/^\s*\/\/ /.test(lines[i])) {
      const run: string[] = [];
      for (; i < lines.length && /^\s*\/\/ /.test(lines[i]); i++) run.push(lines[i].replace(/^\s*\/\/ /, ""));
      i--;
      const text = run.filter((line) => !/^(biome-ignore|exercise:|stub:|@ts-)/.test(line)).join("\n");
      found.push({ line: start + 1, text });
    } else {
      const trailing = /[;,{})\]] \/\/ (?!biome-ignore)([^"'`]*)$/.exec(lines[i]);
      if (trailing) found.push({ line: start + 1, text: trailing[1] });
    }
  }
  return found.filter(({ text }) => text.trim() !== "");
}

function withoutTable(block: readonly string[]): string[] {
  let inside = false;
  return block.map((line) => {
    if (TABLE.test(line)) inside = true;
    else if (!/^\s{4,}\S/.test(line)) inside = false;
    return inside ? "" : line;
  });
}
