import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where text goes, and how wide it is there. */
export interface Screen {
  readonly width: number;
  readonly isColored: boolean;
  print(text: string): void;
}

export function screenOf(stream: NodeJS.WriteStream = process.stdout): Screen {
  return {
    get width() {
      return Math.max(20, Math.min(stream.columns ?? 100, 100));
    },
    isColored: Boolean(stream.isTTY) && !process.env.NO_COLOR,
    print: (text) => void stream.write(`${text}\n`),
  };
}

export const colored = ({ isColored }: Pick<Screen, "isColored">, style: Style, text: string): string =>
  isColored ? styleText(style, text) : text;

/** Lines of at most `width` characters; lines of code, which are indented by four, stay whole. */
export function wrapped(text: string, width: number, indent = ""): string {
  return text
    .split("\n")
    .map((line) =>
      line.startsWith("    ") ? indent + line : wrappedLine(line, width - indent.length, indent),
    )
    .join("\n");
}

function wrappedLine(line: string, width: number, indent: string): string {
  const lines: string[] = [];
  let now = "";
  for (const word of line.split(" ").flatMap((word) => cutWord(word, width))) {
    if (now && now.length + 1 + word.length > width) {
      lines.push(now);
      now = word;
    } else now = now ? `${now} ${word}` : word;
  }
  return [...lines, now].map((one) => indent + one).join("\n");
}

/** A word that is wider than the terminal goes on in the next line. */
const cutWord = (word: string, width: number): string[] =>
  word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, "gu")) ?? [word]);

/** `7/12 ███████─────`. */
export function bar(part: number, whole: number, width: number): string {
  const filled = whole === 0 ? 0 : Math.round((part / whole) * width);
  return `${"█".repeat(filled)}${"─".repeat(width - filled)}`;
}
