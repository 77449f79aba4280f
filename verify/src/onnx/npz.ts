import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { FormatError } from "tensorgrad";
import type { ElementName, HostArray, HostData } from "tensorgrad/onnx";

/** numpy's names of types, without the order of bytes, and the arrays that hold them. */
const types: Readonly<Record<string, readonly [ElementName, new (buffer: ArrayBuffer) => HostData]>> = {
  f4: ["float32", Float32Array],
  f8: ["float64", Float64Array],
  i1: ["int8", Int8Array],
  i2: ["int16", Int16Array],
  i4: ["int32", Int32Array],
  i8: ["int64", BigInt64Array],
  u1: ["uint8", Uint8Array],
  u2: ["uint16", Uint16Array],
  u4: ["uint32", Uint32Array],
  u8: ["uint64", BigUint64Array],
  b1: ["bool", Uint8Array],
};

/** The arrays of a `.npz` file by name. */
export function readNpz(path: string): Record<string, HostArray> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(readFileSync(path));
  } catch (cause) {
    throw new FormatError(`${path} — no .npz file that can be read`, { cause });
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [
      name.replace(/\.npy$/, ""),
      readNpy(bytes, `${path}, ${name}`),
    ]),
  );
}

/** One array in numpy's format: a header in Python's words, then the elements. */
export function readNpy(bytes: Uint8Array, call: string): HostArray {
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes[0] !== 0x93 || magic !== "NUMPY") throw new FormatError(`${call} — no array of numpy`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const descr = /'descr':\s*'([<|=>]?)([a-z]\d+)'/.exec(header);
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header);
  const type = descr && Object.hasOwn(types, descr[2]) ? types[descr[2]] : undefined;
  if (!descr || !shape || !type || descr[1] === ">" || /'fortran_order':\s*True/.test(header))
    throw new FormatError(`${call}: header ${header.trim()} — numbers in little-endian, C order are read`);
  const sizes = shape[1].split(",").flatMap((n) => (n.trim() === "" ? [] : [Number(n)]));
  const [dtype, Data] = type;
  const data = new Data(new Uint8Array(bytes.subarray(start + length)).buffer);
  const size = sizes.reduce((product, n) => product * n, 1);
  if (data.length !== size)
    throw new FormatError(`${call}: ${data.length} elements — the shape asks for ${size}`);
  return { dtype, shape: sizes, data };
}
