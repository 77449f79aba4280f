import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import { FormatError } from "../00-runtime/index.ts";
import type { Servable, ServeOptions, Server } from "../21-serving/index.ts";

/** Where the command's words go, and when it is to end. */
export interface ServeOutlets {
  readonly print: (line: string) => void;
  /** Resolves when the server is to stop: on SIGTERM or SIGINT. */
  readonly stop: () => Promise<unknown>;
}

interface Options {
  readonly name?: string;
  readonly engine?: "tensorgrad" | "onnxruntime";
  readonly host: string;
  readonly port: number;
  readonly maxBatch?: number;
  readonly maxWait?: number;
  readonly maxQueue?: number;
  readonly deadline?: number;
  readonly bodyLimit?: number;
  readonly maxTokens?: number;
  readonly keys?: string;
  readonly log: "error" | "warn" | "info" | "debug";
}

const KEYS = "TENSORGRAD_KEYS";

/** `tensorgrad serve <file>`: a model behind HTTP, until the process is told to stop. */
export function addServe(program: Command, outlets: ServeOutlets): void {
  program
    .command("serve")
    .description(
      "serves a model over HTTP: Open Inference Protocol, OpenAI's completions, Prometheus metrics",
    )
    .argument(
      "<file>",
      "an .onnx file, a folder with a pretrained GPT, or a module that exports `model` and `example` (or `tokenizer`)",
    )
    .option("--name <name>", "under which it is asked for; the file's by default")
    .addOption(
      new Option("--engine <name>", "what computes an ONNX file").choices(["tensorgrad", "onnxruntime"]),
    )
    .option("--host <address>", "0.0.0.0 for all addresses of this machine", "127.0.0.1")
    .option("--port <n>", "0 for any that is free", integer, 8080)
    .option("--max-batch <rows>", "computed together, at most", integer)
    .option("--max-wait <ms>", "that a row waits for others", integer)
    .option("--max-queue <rows>", "that may wait; more are refused", integer)
    .option("--deadline <ms>", "from a request to its answer", integer)
    .option("--body-limit <bytes>", "of a request", integer)
    .option("--max-tokens <n>", "of one answer", integer)
    .option("--keys <file>", `keys, one a line; or ${KEYS}, with commas between them`)
    .addOption(
      new Option("--log <level>", "the least that is logged, as lines of JSON")
        .choices(["error", "warn", "info", "debug"])
        .default("info"),
    )
    .action(async (file: string, options: Options) => {
      await run(file, options, outlets);
    });
}

async function run(
  file: string,
  { keys: keyFile, name = nameOf(file), ...options }: Options,
  { print, stop }: ServeOutlets,
) {
  const { serve } = await import("../21-serving/index.ts"); // fastify and others, which no other command needs
  const keys = keysFrom(keyFile);
  const { what, ...more } = await servable(file);
  const server: Server = await serve(what, { ...options, ...more, name, keys });
  print(`${name}: ${server.url}${keys.length ? `, ${keys.length} keys` : ""}`);
  await stop();
  print(`${name}: answers what it has taken, then ends`);
  await server.close();
}

/** `models/digits.onnx` → `digits`: what cannot be in an address becomes a dash. */
const nameOf = (file: string): string =>
  (resolve(file).split(/[\\/]/).at(-1) ?? "")
    .replace(/\.[a-z]+$/i, "")
    .replace(/[^\w.-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 100) || "model";

/** A module may say more than a file: what the model is called with, or how its texts become ids. */
async function servable(
  file: string,
): Promise<{ what: Servable } & Pick<ServeOptions, "example" | "tokenizer">> {
  if (!/\.[mc]?[jt]s$/.test(file)) return { what: file };
  if (!existsSync(file)) throw new FormatError(`serve: ${file} — no such file`);
  const { model, example, tokenizer } = (await import(pathToFileURL(resolve(file)).href)) as {
    model?: Servable;
    example?: ServeOptions["example"];
    tokenizer?: ServeOptions["tokenizer"];
  };
  if (model === undefined)
    throw new FormatError(`serve: ${file} exports no \`model\` — export const model = …`);
  return { what: model, ...(example ? { example } : {}), ...(tokenizer ? { tokenizer } : {}) };
}

/** Not from the command line: everybody on the machine sees that. */
function keysFrom(file: string | undefined): string[] {
  const given = process.env[KEYS]?.split(",") ?? [];
  if (file === undefined) return words(given);
  if (!existsSync(file)) throw new RangeError(`serve: --keys ${file} — no such file`);
  const keys = words([...given, ...readFileSync(file, "utf8").split("\n")]);
  if (keys.length === 0)
    throw new RangeError(
      `serve: --keys ${file} — it holds no key; a server without keys is asked for by leaving this out`,
    );
  return keys;
}

const words = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trim()).filter((line) => line !== "");

function integer(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("an integer");
}
