import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDurably } from "tensorgrad/runtime/node";
import { markdownFiles, root } from "./markdown.ts";

/**
 * Numbers in Markdown come from committed logs. A number is written between two comments,
 *
 *   <!-- mlp.testAccuracy percent -->98.0 %<!-- / -->
 *
 * which name the log (`notes/logs/mlp.json`), the path in it and the form. `npm run numbers` writes them anew;
 * a test fails when one of them is not what its log says. `npm run record` makes the logs.
 */
const marker = /<!-- ([\w-]+)\.([\w.]+)(?: (\w+))? -->(.*?)<!-- \/ -->/gs;

type Form = (value: unknown) => string;

const number =
  (digits: number): Form =>
  (value) =>
    Number(value).toFixed(digits);

const forms: Readonly<Record<string, Form>> = {
  text: String,
  line: (value) => String(value).trim().replace(/\n+/g, " / ").replaceAll("|", "\\|"),
  percent: (value) => `${(Number(value) * 100).toFixed(1)} %`,
  percent2: (value) => `${(Number(value) * 100).toFixed(2)} %`,
  seconds: (value) => `${number(1)(value)} s`,
  ms: (value) => `${number(1)(value)} ms`,
  ms2: (value) => `${number(2)(value)} ms`,
  fixed0: number(0),
  fixed1: number(1),
  fixed2: number(2),
  fixed3: number(3),
  fixed4: number(4),
  count: (value) => Number(value).toLocaleString("en"),
  count0: (value) => Math.round(Number(value)).toLocaleString("en"),
  scientific: (value) => Number(value).toExponential(1),
  megabytes: (value) => `${Math.round(Number(value) / 2 ** 20)} MB`,
};

export type Logs = Readonly<Record<string, unknown>>;

export function readLogs(folder = join(root, "notes/logs")): Logs {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return Object.fromEntries(
    files.map((file) => [file.slice(0, -5), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  );
}

/** The text with every marked number as its log says. */
export function fill(text: string, logs: Logs): string {
  return text.replaceAll(marker, (_, log: string, path: string, form: string | undefined) => {
    const value = path.split(".").reduce<unknown>((at, key) => (at as Logs | undefined)?.[key], logs[log]);
    const write = forms[form ?? "text"];
    if (value === undefined || write === undefined) {
      const known = `logs: ${Object.keys(logs).join(", ")}; forms: ${Object.keys(forms).join(", ")}`;
      throw new RangeError(`numbers: ${log}.${path} ${form ?? "text"} — no such entry or form; ${known}`);
    }
    return `<!-- ${log}.${path}${form ? ` ${form}` : ""} -->${write(value)}<!-- / -->`;
  });
}

/** Files whose numbers are not what the logs say, with what they should be. */
export function drifted(logs: Logs = readLogs()): { readonly file: string; readonly text: string }[] {
  return markdownFiles().flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const filled = fill(text, logs);
    return filled === text ? [] : [{ file, text: filled }];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, text } of drifted()) {
    await writeDurably(join(root, file), text);
    console.log(`wrote ${file}`);
  }
}
