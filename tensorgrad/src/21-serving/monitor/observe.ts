import { expectArgument } from "../../00-runtime/index.ts";
import type { ArrayValue } from "../../onnx/index.ts";
import { greatestOf } from "../greatest.ts";
import type { ResponseEvent, TensorMap } from "../types.ts";
import type { Observation } from "./reference.ts";

/** Up to so many numbers in a row are features each; of more, their mean, spread and limits. */
const FEW = 16;
/** Rows of one request that are looked at. */
const ROWS = 32;

/**
 * What a request tells about drift, row by row: small inputs number by number, large ones (images) by mean, spread, least and
 * greatest; of outputs with several numbers, which is the greatest and how great it is; whole numbers on their own as names.
 */
export function observationsOf(event: Pick<ResponseEvent, "inputs" | "outputs">): Observation[] {
  const fits = typeof event?.inputs === "object" && event.inputs !== null;
  expectArgument(fits, "observationsOf", "event", event, "what onResponse is told: { inputs, outputs }");
  const { inputs, outputs } = event;
  const values = [...Object.entries(inputs), ...Object.entries(outputs ?? {})].map(([, value]) => value);
  const rows = Math.min(ROWS, ...values.map(({ shape }) => shape[0] ?? 1));
  return Array.from({ length: values.length ? rows : 0 }, (_, row) => ({
    ...described(inputs, row, inputFeatures),
    ...described(outputs ?? {}, row, outputFeatures),
  }));
}

type Describe = (name: string, row: ArrayLike<number>, whole: boolean) => Observation;

function described(tensors: TensorMap, row: number, describe: Describe): Observation {
  const all = Object.entries(tensors).map(([name, value]) =>
    describe(name, rowOf(value, row), !value.dtype.startsWith("float")),
  );
  return Object.assign({}, ...all);
}

function rowOf({ data, shape }: ArrayValue, row: number): ArrayLike<number> {
  const size = shape.slice(1).reduce((product, n) => product * n, 1);
  const part = data.subarray(row * size, (row + 1) * size);
  return part instanceof BigInt64Array ? Array.from(part, Number) : part;
}

const inputFeatures: Describe = (name, row, whole) => {
  if (row.length === 1) return { [name]: whole ? String(row[0]) : row[0] };
  if (row.length <= FEW) return Object.fromEntries(Array.from(row, (value, i) => [`${name}[${i}]`, value]));
  const { mean, deviation, least, greatest } = summary(row);
  return {
    [`${name} mean`]: mean,
    [`${name} deviation`]: deviation,
    [`${name} least`]: least,
    [`${name} greatest`]: greatest,
  };
};

const outputFeatures: Describe = (name, row, whole) => {
  if (row.length === 1) return { [name]: whole ? String(row[0]) : row[0] };
  const greatest = greatestOf(row);
  return { [name]: String(greatest), [`${name} greatest`]: row[greatest] };
};

function summary(row: ArrayLike<number>) {
  let [sum, squares, least, greatest] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < row.length; i++) {
    sum += row[i];
    least = Math.min(least, row[i]);
    greatest = Math.max(greatest, row[i]);
  }
  const mean = sum / row.length;
  for (let i = 0; i < row.length; i++) squares += (row[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / row.length), least, greatest };
}
