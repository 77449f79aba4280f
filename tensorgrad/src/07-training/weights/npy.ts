import { type DType, expectBytes, FormatError, show } from "../../00-runtime/index.ts";
import { expectTensor, type Tensor } from "../../01-tensor/index.ts";
import { fromStored, type StoredType, stored } from "./elements.ts";

/** NumPy's words for what we store. */
const words: Readonly<Partial<Record<DType, string>>> = {
  float64: "<f8",
  float32: "<f4",
  float16: "<f2",
  int32: "<i4",
  int8: "|i1",
  uint8: "|u1",
  bool: "|b1",
};

/** What each kind of NumPy's numbers is called, with the bytes of one: `f4`, `i8`. */
const kinds: Readonly<Record<string, StoredType>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  i2: "int16",
  i1: "int8",
  u8: "uint64",
  u4: "uint32",
  u2: "uint16",
  u1: "uint8",
  b1: "bool",
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

interface Header {
  readonly type: StoredType;
  readonly isSwapped: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly start: number;
}

/**
 * Reads the bytes of an `.npy` file, as `numpy.save` writes it. Columns first (Fortran's order) and big-endian numbers become
 * what we have; int64 becomes int32 where it fits.
 *
 * Throws  FormatError for whatever is no such file, and for arrays of Python objects: to read them is to run their code
 * Source  numpy.lib.format, versions 1.0 to 3.0
 */
export function decodeNpy(bytes: Uint8Array, call = "decodeNpy"): Tensor {
  const { type, isSwapped, isFortran, shape, start } = readHeader(bytes, call);
  const body = bytes.subarray(start);
  const numbers = isSwapped ? swapped(body, stored[type].bytes) : body;
  if (!isFortran || shape.length < 2) return fromStored(call, type, shape, numbers);
  const turned = fromStored(call, type, shape.toReversed(), numbers);
  return turned.permute(...shape.map((_, dim) => shape.length - 1 - dim)).contiguous();
}

/**
 * The bytes of an `.npy` file that `numpy.load` reads.
 *
 * Throws  TypeError for bfloat16, which NumPy does not have
 */
export function encodeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const { dtype, shape, bits } = expectTensor("encodeNpy", tensor, "tensor");
  const word = words[dtype];
  if (!word)
    throw new TypeError(
      `encodeNpy: ${dtype} ${show(shape)} — NumPy has no ${dtype}; convert it: t.to("float32")`,
    );
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${word}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + text.length + 1) / 64) * 64; // numbers begin at a multiple of 64
  const bytes = new Uint8Array(start + bits.byteLength).fill(0x20, 10, start - 1);
  bytes.set([...MAGIC, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[start - 1] = 0x0a;
  bytes.set(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), start);
  return bytes;
}

function readHeader(bytes: Uint8Array, call: string): Header {
  expectBytes(call, bytes);
  if (!MAGIC.every((byte, i) => bytes[i] === byte) || bytes.length < 12)
    throw new FormatError(`${call}: no .npy file — it begins with \\x93NUMPY; numpy.save writes one`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, long] = [bytes[6], bytes[6] > 1];
  if (major < 1 || major > 3)
    throw new FormatError(`${call}: .npy of version ${major} — versions 1 to 3 are known`);
  const from = long ? 12 : 10;
  const start = from + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (start > bytes.length)
    throw new FormatError(
      `${call}: the header ends at byte ${start} of ${bytes.length} — the file is cut off`,
    );
  return { ...parse(new TextDecoder().decode(bytes.subarray(from, start)), call), start };
}

/** The header is a Python dict of three entries; it is read by its form, and never evaluated. */
function parse(text: string, call: string): Omit<Header, "start"> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || tuple === undefined)
    throw new FormatError(
      `${call}: the header ${JSON.stringify(text.trim().slice(0, 80))} — expected descr (one type of numbers), fortran_order and shape`,
    );
  const type = kinds[descr.slice(1)];
  if (!type || !"<>|=".includes(descr[0]))
    throw new FormatError(
      `${call}: numbers of type ${JSON.stringify(descr)} — known are ${Object.keys(kinds).join(", ")}` +
        (descr.includes("O") ? "; an array of Python objects would have to run their code" : ""),
    );
  const shape = tuple.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  const isSwapped = descr[0] === ">" && stored[type].bytes > 1;
  return { type, isSwapped, isFortran: order === "True", shape };
}

/** Big-endian numbers the other way round. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const turned = bytes.slice();
  for (let at = 0; at + width <= turned.length; at += width) turned.subarray(at, at + width).reverse();
  return turned;
}
