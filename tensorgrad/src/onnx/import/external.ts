import { builtinModules, FormatError } from "../../00-runtime/index.ts";
import type { External } from "../format/tensor-proto.ts";

/**
 * Reads data that a model keeps in other files: those beside the model, nowhere else.
 *
 * @param path   of the model; null where only `readFile` knows files
 */
export function readerIn(path: string | null, readFile?: (name: string) => Uint8Array): External {
  return (entries, size, call) => {
    const location = entries.get("location") ?? "";
    const offset = Number(entries.get("offset") ?? 0);
    const length = Number(entries.get("length") ?? size);
    if (!isBeside(location))
      throw new FormatError(`${call}: kept in "${location}" — data lies in the folder of the model`);
    if (!Number.isSafeInteger(offset) || offset < 0 || length !== size)
      throw new FormatError(
        `${call}: ${entries.get("length")} bytes at ${entries.get("offset")} — the shape asks for ${size}`,
      );
    const bytes = readFile
      ? readFile(location).subarray(offset, offset + size)
      : part(path as string, location, offset, size, call);
    if (bytes.length !== size)
      throw new FormatError(
        `${call}: ${bytes.length} bytes at ${offset} in "${location}" — the shape asks for ${size}`,
      );
    return bytes;
  };
}

/** A plain path below the folder: not absolute, and never upwards. */
const isBeside = (location: string): boolean =>
  location !== "" && !/^([\\/]|[A-Za-z]:)/.test(location) && !location.split(/[\\/]/).includes("..");

/** Only the bytes of one array are read; a link may not lead out of the folder either. */
function part(model: string, location: string, offset: number, size: number, call: string): Uint8Array {
  const builtin = builtinModules() as typeof process.getBuiltinModule;
  const [fs, paths] = [builtin("node:fs"), builtin("node:path")];
  const folder = fs.realpathSync(paths.dirname(model));
  const file = paths.join(folder, location);
  let handle: number;
  try {
    const real = fs.realpathSync(file);
    if (paths.relative(folder, real).startsWith(".."))
      throw new FormatError(
        `${call}: "${location}" leads out of the folder — data lies in the folder of the model`,
      );
    handle = fs.openSync(real, "r");
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${call}: kept in "${location}" — no such file beside the model`, { cause });
  }
  try {
    const left = fs.fstatSync(handle).size - offset;
    const bytes = new Uint8Array(Math.max(0, Math.min(size, left)));
    return bytes.subarray(0, fs.readSync(handle, bytes, 0, bytes.length, offset));
  } finally {
    fs.closeSync(handle);
  }
}
