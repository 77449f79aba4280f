import { builtinModules, checked, FormatError } from "../../00-runtime/index.ts";
import type { External } from "../format/tensor-proto.ts";
import { decodeModel } from "../format/wire.ts";
import { readerIn } from "./external.ts";
import { ImportedModel } from "./imported-model.ts";
import { planOf } from "./plan.ts";

/** Options of `importOnnx`. */
export interface ImportOptions {
  /** Gives the bytes of a file that the model keeps weights in, by its name beside the model. A path knows its folder by itself. */
  readonly readFile?: (name: string) => Uint8Array;
  /** Whether inputs must have the shapes that the file declares; some files declare wrong ones. */
  readonly checkShapes?: boolean;
}

/**
 * Reads an ONNX model as a module: it runs here, its floating initializers are parameters, and `exportOnnx` writes it again.
 *
 *   const model = importOnnx(bytes);
 *   const y = model.forward(x);
 *
 * The whole file is checked before anything runs. `forward` gives the first output, `forwardAll` all of them, and `run` takes and
 * gives arrays by name, with types that tensors do not have.
 *
 * @param source   the bytes of a file, or its path (in Node)
 * Throws    FormatError that names the node, its operator and the opset: for what is no ONNX model, unknown operators, attributes,
 *           types and opsets, cycles, names that nobody computes, data that does not fit its shape or lies outside the folder
 */
export function importOnnx(source: Uint8Array | string, options: ImportOptions = {}): ImportedModel {
  const { readFile, checkShapes = true } = checked("importOnnx", options, ["readFile", "checkShapes"]);
  const bytes = typeof source === "string" ? fileAt(source) : source;
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(
      `importOnnx: ${typeof bytes} — give the bytes of a file as a Uint8Array, or its path`,
    );
  const external: External | undefined =
    typeof source === "string" || readFile
      ? readerIn(typeof source === "string" ? source : null, readFile)
      : undefined;
  return new ImportedModel(planOf(decodeModel(bytes), external), { checkShapes });
}

function fileAt(path: string): Uint8Array {
  const fs = builtinModules()?.("node:fs");
  if (!fs) throw new TypeError("importOnnx: a path, where there are no files — give the bytes of the model");
  try {
    return fs.readFileSync(path);
  } catch (cause) {
    throw new FormatError(`importOnnx: ${path} — no file that can be read`, { cause });
  }
}
