import { bytesPerElement, type DType, FormatError, show } from "../../00-runtime/index.ts";
import { emptyLayout, Tensor } from "../../01-tensor/index.ts";

/** How other programs store one number. */
export interface Stored {
  /** Bytes of one number. */
  readonly bytes: number;
  /** What it becomes here. Whole numbers that are wider, or have no sign, become int32 where they fit. */
  readonly dtype: DType;
  /** Reads a number that has no type here; absent where the bytes can be taken as they are. */
  readonly read?: (view: DataView, at: number) => number | bigint;
}

const plain = (dtype: DType): Stored => ({ bytes: bytesPerElement(dtype), dtype });
const wide = (bytes: number, read: NonNullable<Stored["read"]>): Stored => ({ bytes, dtype: "int32", read });

/** By the names that NumPy and PyTorch share; little-endian. */
export const stored = {
  float64: plain("float64"),
  float32: plain("float32"),
  float16: plain("float16"),
  bfloat16: plain("bfloat16"),
  int32: plain("int32"),
  int8: plain("int8"),
  uint8: plain("uint8"),
  bool: plain("bool"),
  int64: wide(8, (view, at) => view.getBigInt64(at, true)),
  uint64: wide(8, (view, at) => view.getBigUint64(at, true)),
  uint32: wide(4, (view, at) => view.getUint32(at, true)),
  int16: wide(2, (view, at) => view.getInt16(at, true)),
  uint16: wide(2, (view, at) => view.getUint16(at, true)),
} as const satisfies Record<string, Stored>;

export type StoredType = keyof typeof stored;

/**
 * A tensor of numbers that another program has stored row by row. The bytes are copied.
 *
 * Throws  FormatError where there are too few or too many bytes, a whole number is too large for int32, or a truth value is
 *         neither 0 nor 1
 */
export function fromStored(
  call: string,
  type: StoredType,
  shape: readonly number[],
  bytes: Uint8Array,
): Tensor {
  const { bytes: width, dtype, read }: Stored = stored[type];
  const size = shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== size * width)
    throw new FormatError(
      `${call}: ${bytes.length} bytes for ${type} ${show(shape)} — that takes ${size * width}; the file is cut off, or no such file`,
    );
  const tensor = new Tensor(emptyLayout(shape, dtype));
  const { bits } = tensor;
  if (read) readInto(bits as Int32Array, bytes, width, read, call);
  else new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength).set(bytes);
  if (dtype === "bool" && bits.some((value) => value > 1))
    throw new FormatError(`${call}: a truth value of ${bits.find((value) => value > 1)} — they are 0 and 1`);
  return tensor;
}

function readInto(
  to: Int32Array,
  bytes: Uint8Array,
  width: number,
  read: NonNullable<Stored["read"]>,
  call: string,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < to.length; i++) {
    const value = read(view, i * width);
    to[i] = Number(value);
    if (BigInt(to[i]) === BigInt(value)) continue;
    throw new FormatError(
      `${call}: ${value} at position ${i} — whole numbers are int32 here, from -2147483648 to 2147483647; store it as float64`,
    );
  }
}
