import { bytesPerElement, type TypedArray } from "../../00-runtime/index.ts";
import { emptyLayout, Tensor } from "../../01-tensor/index.ts";
import { type Entry, readHeader, writeHeader } from "./safetensors-header.ts";

/** What a safetensors file holds. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, Tensor>>;
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
 * Source    github.com/huggingface/safetensors, "Format"
 */
export function encodeTensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = Object.entries(tensors).sort(
    ([a, x], [b, y]) => bytesPerElement(y.dtype) - bytesPerElement(x.dtype) || (a < b ? -1 : 1),
  );
  let at = 0;
  const entries = sorted.map(([name, { dtype, shape, size }]): Entry => {
    const begin = at;
    at += size * bytesPerElement(dtype);
    return { name, dtype, shape, begin, end: at };
  });
  const header = writeHeader({ entries, metadata });
  const bytes = new Uint8Array(header.length + at);
  bytes.set(header);
  for (const [i, [, tensor]] of sorted.entries()) {
    bytes.set(bytesOf(tensor.data), header.length + entries[i].begin);
  }
  return bytes;
}

/**
 * Reads the bytes of a safetensors file. The tensors are copies: the bytes may be reused.
 *
 * Throws    FormatError for whatever is not such a file, before any tensor is made
 */
export function decodeTensors(bytes: Uint8Array, call = "decodeTensors"): TensorFile {
  const { entries, metadata, start } = readHeader(bytes, call);
  const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, Tensor] => {
    const tensor = new Tensor(emptyLayout(shape, dtype));
    // As bytes: files of other programs need not be aligned, and the bits of NaN stay as they are.
    bytesOf(tensor.data).set(bytes.subarray(start + begin, start + end));
    return [name, tensor];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** All platforms that run JavaScript today are little-endian, as WebAssembly always is. */
const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
