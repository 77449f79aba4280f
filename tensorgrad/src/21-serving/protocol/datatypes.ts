import type { ArrayValue, OnnxDType } from "../../onnx/index.ts";

type Numbers = ArrayValue["data"];

interface Datatype {
  /** The name in the Open Inference Protocol. */
  readonly wire: string;
  readonly array: new (length: number) => Numbers;
  /** Whether a number of JSON is one of these. */
  accepts(value: unknown): boolean;
  /** What `accepts` asks for. */
  readonly rule: string;
}

const integers = (array: Datatype["array"], low: number, high: number) => ({
  array,
  accepts: (value: unknown) =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
  rule: `an integer from ${low} to ${high}`,
});
const floats = (array: Datatype["array"]) => ({
  array,
  accepts: (value: unknown) => typeof value === "number",
  rule: "a number",
});
/** Bits of 16-bit numbers: the protocol sends them as binary data only. */
const halves = {
  array: Uint16Array,
  accepts: () => false,
  rule: "binary data, for JSON has no such numbers",
};
const SAFE = Number.MAX_SAFE_INTEGER;

export const DATATYPES: Readonly<Record<OnnxDType, Datatype>> = {
  float32: { wire: "FP32", ...floats(Float32Array) },
  float16: { wire: "FP16", ...halves },
  bfloat16: { wire: "BF16", ...halves },
  float64: { wire: "FP64", ...floats(Float64Array) },
  int64: { wire: "INT64", ...integers(BigInt64Array, -SAFE, SAFE) },
  int32: { wire: "INT32", ...integers(Int32Array, -(2 ** 31), 2 ** 31 - 1) },
  int8: { wire: "INT8", ...integers(Int8Array, -128, 127) },
  uint8: { wire: "UINT8", ...integers(Uint8Array, 0, 255) },
  bool: {
    wire: "BOOL",
    array: Uint8Array,
    accepts: (value) => typeof value === "boolean" || value === 0 || value === 1,
    rule: "true or false",
  },
};

/** Index of the first number that is NaN or infinite; −1 where there is none. */
export function firstNonFinite(data: Numbers): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return -1;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}
