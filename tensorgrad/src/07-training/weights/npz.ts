import { zipSync } from "fflate";
import type { Tensor } from "../../01-tensor/index.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { unzip } from "./zip.ts";

/**
 * Reads the bytes of an `.npz` file, as `numpy.savez` and `numpy.savez_compressed` write it.
 *
 * Throws  FormatError for what is no such archive, or has an array that cannot be read
 */
export function decodeNpz(bytes: Uint8Array, call = "decodeNpz"): Record<string, Tensor> {
  const files = Object.entries(unzip(bytes, call));
  return Object.fromEntries(
    files.map(([name, content]) => [name.replace(/\.npy$/, ""), decodeNpy(content, `${call}: ${name}`)]),
  );
}

/** The bytes of an `.npz` file that `numpy.load` reads; not compressed, for weights do not shrink. */
export const encodeNpz = (tensors: Readonly<Record<string, Tensor>>): Uint8Array<ArrayBuffer> =>
  zipSync(
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, encodeNpy(tensor)])),
    {
      level: 0,
    },
  );
