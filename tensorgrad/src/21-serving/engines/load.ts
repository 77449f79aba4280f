import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { can, FormatError } from "../../00-runtime/index.ts";
import { isTensor } from "../../01-tensor/index.ts";
import { loadTokenizer } from "../../10-tokenization/node.ts";
import { GPT } from "../../13-transformers/index.ts";
import { exportOnnx, type Model } from "../../onnx/index.ts";
import type { ServeOptions } from "../server/options.ts";
import type { ServedModel } from "../types.ts";
import { importedModel } from "./imported.ts";
import { moduleModel } from "./module.ts";
import { onnxRuntimeModel } from "./onnx-runtime.ts";
import { type TextModel, textModel } from "./text.ts";

/**
 * What can be served: a module or a function of tensors, a GPT, the path of an ONNX file or of a folder with a pretrained GPT, the
 * bytes of an ONNX file, or anything that computes as a `ServedModel` does.
 */
export type Servable = Model | ServedModel | string | Uint8Array;

export interface Loaded {
  readonly model?: ServedModel;
  readonly text?: TextModel;
}

export async function servedModels(what: Servable, options: ServeOptions): Promise<Loaded> {
  if (typeof what === "string") return fromPath(what, options);
  if (what instanceof Uint8Array) return { model: await onnxModel(what, options) };
  if (isServed(what)) return { model: what };
  if (what instanceof GPT && options.tokenizer) return { text: textOf(what, options) };
  return { model: await ofModule(what, options) };
}

/** Whether there is anything to serve. */
export const isServable = (what: unknown): boolean =>
  typeof what === "string" ||
  typeof what === "function" ||
  what instanceof Uint8Array ||
  can(what, "forward") ||
  can(what, "infer");

const isServed = (what: Model | ServedModel): what is ServedModel => "infer" in what && "schema" in what;

function textOf(model: GPT, { name, version, tokenizer, endToken }: ServeOptions): TextModel {
  if (!tokenizer) throw new TypeError("serve: a GPT without a tokenizer — pass { tokenizer }");
  return textModel(model, {
    tokenizer,
    ...named({ name, version }),
    ...(endToken === undefined ? {} : { endToken }),
  });
}

const named = ({
  name,
  version,
}: Pick<ServeOptions, "name" | "version"> | { name: string | undefined; version: string | undefined }) => ({
  ...(name === undefined ? {} : { name }),
  ...(version === undefined ? {} : { version }),
});

async function ofModule(model: Model, options: ServeOptions): Promise<ServedModel> {
  const { example = [], engine = "tensorgrad" } = options;
  const own = moduleModel(model, { ...named(options), example });
  if (engine === "tensorgrad") return own;
  const bytes = exportOnnx(model, isTensor(example) ? example : [...example], { dynamicBatch: own.batched });
  return onnxRuntimeModel(bytes, named(options));
}

async function fromPath(path: string, options: ServeOptions): Promise<Loaded> {
  if (!existsSync(path)) throw new FormatError(`serve: ${path} — no such file or folder`);
  if (statSync(path).isDirectory()) return { text: await pretrained(path, options) };
  if (extname(path) === ".onnx") return { model: await onnxModel(readFileSync(path), options) };
  throw new FormatError(
    `serve: ${path} — give an .onnx file, or a folder with config.json, model.safetensors and a tokenizer; exportOnnx writes the former`,
  );
}

async function onnxModel(bytes: Uint8Array, options: ServeOptions): Promise<ServedModel> {
  if (options.engine === "tensorgrad") return importedModel(bytes, named(options));
  return onnxRuntimeModel(bytes, named(options));
}

async function pretrained(folder: string, options: ServeOptions): Promise<TextModel> {
  if (!existsSync(join(folder, "config.json")))
    throw new FormatError(
      `serve: ${folder} has no config.json — a folder of a pretrained GPT has one; was it copied whole?`,
    );
  const tokenizer = options.tokenizer ?? (await loadTokenizer(folder));
  return textOf(await GPT.fromPretrained(folder), { ...options, tokenizer });
}
