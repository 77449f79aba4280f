import { expectArgument, FormatError } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { loadArrays } from "../../07-training/node.ts";
import { type RowOptions, TensorDataset } from "../sets/rows.ts";

/** Under which names a `.npz` file holds inputs and targets. */
export interface NumpyNames {
  /** Of the array with the examples, in an `.npz` file; a file of its own otherwise. */
  readonly x: string;
  readonly y: string;
}

/**
 * A data set in NumPy's files: two arrays of one `.npz`, or two `.npy`.
 *
 *   const train = await loadNpy("train.npz", { x: "images", y: "labels" });
 *   const test = await loadNpy({ x: "test-images.npy", y: "test-labels.npy" });
 *
 * Shapes  x [N, …], y [N, …], one row per example
 * Throws  FormatError for what is no such file, or has no such array; ShapeError if the numbers of rows differ
 */
export async function loadNpy(file: string, names: NumpyNames, options?: RowOptions): Promise<TensorDataset>;
export async function loadNpy(files: NumpyNames, options?: RowOptions): Promise<TensorDataset>;
export async function loadNpy(
  file: string | NumpyNames,
  names: NumpyNames | RowOptions = {},
  options: RowOptions = {},
): Promise<TensorDataset> {
  if (typeof file === "object" && file !== null) {
    const [x, y] = await Promise.all([only(file.x), only(file.y)]);
    return new TensorDataset(x, y, names as RowOptions);
  }
  const arrays = await loadArrays(file);
  expectArgument(
    typeof (names as NumpyNames)?.x === "string",
    "loadNpy",
    "names",
    names,
    'the names of two arrays: { x: "images", y: "labels" }',
  );
  const { x, y } = names as NumpyNames;
  return new TensorDataset(named(arrays, x, file), named(arrays, y, file), options);
}

async function only(path: string): Promise<Tensor> {
  const arrays = Object.values(await loadArrays(path));
  if (arrays.length === 1) return arrays[0];
  throw new FormatError(
    `loadNpy(${path}): ${arrays.length} arrays — expected one; name them: loadNpy(path, { x, y })`,
  );
}

function named(arrays: Readonly<Record<string, Tensor>>, name: string, path: string): Tensor {
  if (Object.hasOwn(arrays, name)) return arrays[name];
  throw new FormatError(
    `loadNpy(${path}): no array ${JSON.stringify(name)} — there are ${Object.keys(arrays).join(", ")}`,
  );
}
