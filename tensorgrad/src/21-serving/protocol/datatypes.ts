import type { ArrayValue, OnnxDType } from "../../onnx/index.ts";

type Numbers = ArrayValue["data"];

interface Datatype {
  /** The name in the Open Inference Protocol. */
  readonly wire: string;
  readonly array: new (length: number) => Numbers;
  /** Copies numbers of JSON from `at` on; the place of the first that is none of these, −1 where all are. */
  fill(data: Numbers, values: readonly unknown[], at: number): number;
  /** What `fill` asks for. */
  readonly rule: string;
}

const integers = (array: Datatype["array"], low: number, high: number) => ({
  array,
  rule: `an integer from ${low} to ${high}`,
  fill(data: Numbers, values: readonly unknown[], at: number): number {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isInteger(value) || value < low || value > high) return i;
      data[at + i] = data instanceof BigInt64Array ? BigInt(value) : value;
    }
    return -1;
  },
});
const floats = (array: Datatype["array"]) => ({
  array,
  rule: "a number",
  fill(data: Numbers, values: readonly unknown[], at: number): number {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value !== "number") return i;
      data[at + i] = value;
    }
    return -1;
  },
});
/** Bits of 16-bit numbers: the protocol sends them as binary data only. */
const halves = {
  array: Uint16Array,
  fill: () => 0,
  rule: "binary data, for JSON has no such numbers",
};
const bools = {
  array: Uint8Array,
  rule: "true or false",
  fill(data: Numbers, values: readonly unknown[], at: number): number {
    const wrong = values.findIndex((value) => typeof value !== "boolean" && value !== 0 && value !== 1);
    if (wrong < 0) data.set(values.map(Number) as never, at);
    return wrong;
  },
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
  bool: { wire: "BOOL", ...bools },
};

/** Index of the first number that is NaN or infinite; −1 where there is none. */
export function firstNonFinite(data: Numbers): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return -1;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}
