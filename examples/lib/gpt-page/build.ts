import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeDurably } from "tensorgrad/runtime/node";
import { loadTensors } from "tensorgrad/train/node";
import type { GptRecipe } from "../gpt-recipe.ts";
import { markupOf } from "./markup.ts";
import type { EmbeddedModel } from "./messages.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A program of the page as one text, with all that it imports. A page from disk may not start workers that are modules. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
    define: { "import.meta.url": '"page:"' }, // a file of its own, which no program of a page has
    write: false,
  });
  return outputFiles[0].text;
}

/** Writes a page in which a trained model continues what one types. `file` holds its weights and its alphabet. */
export async function writeGptPage(path: string, recipe: GptRecipe, file: string): Promise<void> {
  const { tensors, metadata } = await loadTensors(file);
  const { alphabet, valNats } = metadata as { alphabet: string; valNats: string };
  const { numLayers, numHeads } = recipe.model;
  const model: EmbeddedModel = {
    options: { ...recipe.model, vocabSize: [...alphabet].length },
    alphabet,
    weights: readFileSync(file, "base64"),
  };
  const [worker, script] = await Promise.all(["worker.ts", "page.ts"].map(bundle));
  const parameters = Object.values(tensors).reduce((sum, { size }) => sum + size, 0);
  const page = markupOf({
    parameters,
    valNats,
    numLayers,
    numHeads,
    model: JSON.stringify(model),
    worker,
    script,
  });
  mkdirSync(dirname(path), { recursive: true });
  await writeDurably(path, page);
}
