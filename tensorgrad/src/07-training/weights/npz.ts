import { zipSync } from "fflate";
import { expectBytes } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { expectTensorsByName } from "../checkpoints/safetensors.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { unzip } from "./zip.ts";

/**
 * Reads the bytes of an `.npz` file, as `numpy.savez` and `numpy.savez_compressed` write it.
 *
 * Throws  FormatError for what is no such archive, or has an array that cannot be read
 */
export function decodeNpz(bytes: Uint8Array, call = "decodeNpz"): Record<string, Tensor> {
  expectBytes(call, bytes);
  const files = Object.entries(unzip(bytes, call));
  return Object.fromEntries(
    files.map(([name, content]) => [name.replace(/\.npy$/, ""), decodeNpy(content, `${call}: ${name}`)]),
  );
}

/** The bytes of an `.npz` file that `numpy.load` reads; not compressed, for weights do not shrink. */
export function encodeNpz(tensors: Readonly<Record<string, Tensor>>): Uint8Array<ArrayBuffer> {
  expectTensorsByName("encodeNpz", tensors);
  const files = Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, encodeNpy(tensor)] as const);
  return zipSync(Object.fromEntries(files), { level: 0 });
}
