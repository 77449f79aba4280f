import { readFile } from "node:fs/promises";
import { expectPath } from "../../00-runtime/index.ts";
import { checkRegularFile, writeDurably } from "../../00-runtime/node.ts";
import { isTensor, type Tensor } from "../../01-tensor/index.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { decodeNpz, encodeNpz } from "./npz.ts";
import { decodePt } from "./pytorch.ts";

/** Throws  FormatError, with `call` first, where there is no file */
async function read(path: string, call: string, what: string): Promise<Uint8Array> {
  checkRegularFile(path, call, { what });
  return readFile(path);
}

/** One array of an `.npy` file, or all of an `.npz` file by their names. See `decodeNpy`. */
export async function loadArrays(path: string): Promise<Record<string, Tensor>> {
  const call = `loadArrays(${path})`;
  const bytes = await read(path, call, "an .npy or .npz file");
  return bytes[0] === 0x50 ? decodeNpz(bytes, call) : { array: decodeNpy(bytes, call) };
}

/** Saves tensors for `numpy.load`: several as `.npz`, one as `.npy`. */
export async function saveArrays(
  path: string,
  tensors: Tensor | Readonly<Record<string, Tensor>>,
): Promise<void> {
  expectPath("saveArrays", path);
  await writeDurably(path, isTensor(tensors) ? encodeNpy(tensors) : encodeNpz(tensors));
}

/**
 * The tensors of a PyTorch file, by their names. See `decodePt`: nothing of the file is run.
 *
 *   model.loadStateDict(await loadPt("model.pt"));
 */
export async function loadPt(path: string): Promise<Record<string, Tensor>> {
  const call = `loadPt(${path})`;
  return decodePt(await read(path, call, "a file of torch.save"), call);
}
