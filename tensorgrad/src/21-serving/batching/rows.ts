import { show } from "../../00-runtime/index.ts";
import type { ArrayValue } from "../../onnx/index.ts";
import type { TensorMap } from "../types.ts";

type Numbers = ArrayValue["data"];

/** Several requests as one: the rows of every input, one below the other. */
export function joinRows(maps: readonly TensorMap[]): TensorMap {
  const [first] = maps;
  const joined = Object.entries(first).map(([name, { dtype, shape, data }]): [string, ArrayValue] => {
    const parts = maps.map((map) => map[name]);
    const whole = emptyLike(
      data,
      parts.reduce((sum, part) => sum + part.data.length, 0),
    );
    let at = 0;
    for (const part of parts) {
      (whole as Float64Array).set(part.data as Float64Array, at);
      at += part.data.length;
    }
    const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
    return [name, { dtype, shape: [rows, ...shape.slice(1)], data: whole }];
  });
  return Object.fromEntries(joined);
}

/**
 * The outputs of several requests, each its own: views, nothing is copied.
 *
 * Throws    RangeError where an output has another number of rows than the inputs had
 */
export function splitRows(outputs: TensorMap, counts: readonly number[]): TensorMap[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  for (const [name, { shape }] of Object.entries(outputs)) {
    if (shape[0] === total) continue;
    throw new RangeError(
      `infer: output "${name}" ${show(shape)} of ${total} rows — a model whose requests are batched gives one row for each`,
    );
  }
  let from = 0;
  return counts.map((count) => {
    const to = from + count;
    const own = Object.entries(outputs).map(([name, value]) => [name, rowsOf(value, from, to)]);
    from = to;
    return Object.fromEntries(own) as TensorMap;
  });
}

function rowsOf({ dtype, shape, data }: ArrayValue, from: number, to: number): ArrayValue {
  const width = data.length / shape[0];
  return { dtype, shape: [to - from, ...shape.slice(1)], data: data.subarray(from * width, to * width) };
}

const emptyLike = (data: Numbers, length: number): Numbers =>
  new (data.constructor as new (length: number) => Numbers)(length);
