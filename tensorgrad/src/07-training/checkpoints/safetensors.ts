import { bytesPerElement, expectArgument, FormatError, type TypedArray } from "../../00-runtime/index.ts";
import { emptyLayout, expectTensor, Tensor } from "../../01-tensor/index.ts";
import { type Entry, readHeader, writeHeader } from "./safetensors-header.ts";

/** By name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a safetensors file holds. */
export interface TensorFile {
  readonly tensors: Tensors;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file, which PyTorch and Hugging Face tools read: a header that says what lies where, then
 * the elements of all tensors, row by row, little-endian, without gaps.
 *
 *   const bytes = encodeTensors(model.stateDict(), { format: "pt" });
 *
 * Wider elements come first, so that every tensor lies at a multiple of its element's size; equal ones by name, so
 * that equal content gives equal files.
 *
 * Throws    TypeError for metadata that are no strings, and names that are no text: nobody could read the file
 * Source    github.com/huggingface/safetensors, "Format"
 */
export function encodeTensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { entries, parts } = layOut(tensors);
  const header = writeHeader({ entries, metadata });
  const bytes = new Uint8Array(header.length + (entries.at(-1)?.end ?? 0));
  bytes.set(header);
  for (const [i, part] of parts.entries()) bytes.set(part, header.length + entries[i].begin);
  return bytes;
}

/** Where every tensor comes to lie, and its bytes. */
export function layOut(tensors: Tensors): { entries: Entry[]; parts: Uint8Array[] } {
  expectTensorsByName("encodeTensors", tensors);
  const sorted = Object.entries(tensors).sort(
    ([a, x], [b, y]) => bytesPerElement(y.dtype) - bytesPerElement(x.dtype) || (a < b ? -1 : 1),
  );
  let at = 0;
  const entries = sorted.map(([name, { dtype, shape, size }]): Entry => {
    const begin = at;
    at += size * bytesPerElement(dtype);
    return { name, dtype, shape, begin, end: at };
  });
  return { entries, parts: sorted.map(([, { bits }]) => bytesOf(bits)) };
}

/**
 * Reads the bytes of a safetensors file. The tensors are copies: the bytes may be reused.
 *
 * Throws    FormatError for whatever is not such a file, before any tensor is made, and for truth values but 0 and 1
 */
export function decodeTensors(bytes: Uint8Array, call = "decodeTensors"): TensorFile {
  const { entries, metadata, start } = readHeader(bytes, call);
  for (const entry of entries) if (entry.dtype === "bool") checkTruth(entry, bytes.subarray(start), call);
  const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, Tensor] => {
    const tensor = new Tensor(emptyLayout(shape, dtype));
    // As bytes: files of other programs need not be aligned, and the bits of NaN stay as they are.
    bytesOf(tensor.bits).set(bytes.subarray(start + begin, start + end));
    return [name, tensor];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** One tensor of a file: its name, and what it is. */
export type TensorInfo = Pick<Entry, "name" | "dtype" | "shape">;

/**
 * What a safetensors file holds, by name, without making a tensor.
 *
 * Throws    FormatError for whatever is not such a file
 */
export const describeTensors = (bytes: Uint8Array, call = "describeTensors"): TensorInfo[] =>
  readHeader(bytes, call)
    .entries.map(({ name, dtype, shape }) => ({ name, dtype, shape }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Sums and comparisons count on it that a truth value is 0 or 1. */
function checkTruth({ name, begin, end }: Entry, bytes: Uint8Array, call: string): void {
  const wrong = bytes.subarray(begin, end).findIndex((byte) => byte > 1);
  if (wrong < 0) return;
  throw new FormatError(
    `${call}: tensor ${JSON.stringify(name)} has ${bytes[begin + wrong]} at element ${wrong} — BOOL is 0 or 1`,
  );
}

/** All platforms that run JavaScript today are little-endian, as WebAssembly always is. */
const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Refuses anything but an object of tensors, such as `model.stateDict()`. */
export function expectTensorsByName(call: string, tensors: unknown): void {
  const isObject = typeof tensors === "object" && tensors !== null && !Array.isArray(tensors);
  expectArgument(
    isObject,
    call,
    "tensors",
    tensors,
    "an object of tensors by name, such as model.stateDict()",
  );
  for (const [name, x] of Object.entries(tensors as object)) expectTensor(call, x, name);
}
