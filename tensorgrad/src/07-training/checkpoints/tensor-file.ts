import { readFile } from "node:fs/promises";
import { checked, expectPath } from "../../00-runtime/index.ts";
import { checkRegularFile, writeDurably } from "../../00-runtime/node.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { decodeTensors, encodeTensors, type TensorFile } from "./safetensors.ts";

/**
 * Saves tensors as a safetensors file, which PyTorch and Hugging Face tools open.
 *
 *   await saveTensors("model.safetensors", model.stateDict());          // safetensors.torch.load_file("model.safetensors")
 */
export async function saveTensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: { readonly metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  expectPath("saveTensors", path);
  const { metadata = {} } = checked("saveTensors", options, ["metadata"]);
  await writeDurably(path, encodeTensors(tensors, metadata));
}

/**
 * Reads a safetensors file.
 *
 *   const { tensors } = await loadTensors("model.safetensors");
 *   model.loadStateDict(tensors);
 *
 * Throws    FormatError if it is none, or damaged; the system's error if it cannot be read
 */
export async function loadTensors(path: string): Promise<TensorFile> {
  const call = `loadTensors(${path})`;
  return decodeTensors(await readBytes(path, call), call);
}

/** Throws  FormatError, with `call` first, where there is no file */
export async function readBytes(path: string, call: string): Promise<Uint8Array> {
  checkRegularFile(path, call, { what: "a safetensors file" });
  return readFile(path);
}
