import { newData } from "../../format/element-types.ts";
import type { HostArray } from "../../format/tensor-proto.ts";
import { sizeIn } from "../values.ts";
import { origins } from "./elementwise.ts";

type Elements = { [i: number]: number; readonly length: number };

/** Folds the elements along some dims, on the host: exact for whole numbers of 64 bits. */
export function fold(
  x: HostArray,
  dims: readonly number[],
  keep: boolean,
  step: (sum: number, value: number) => number,
  first?: number,
): HostArray {
  const kept = x.shape.map((n, d) => (dims.includes(d) ? 1 : n));
  const data = newData(x.dtype, sizeIn(kept)) as unknown as Elements;
  const place = origins(kept, x.shape);
  const seen = new Uint8Array(data.length);
  const values = x.data as unknown as Elements;
  const wide = x.data instanceof BigInt64Array || x.data instanceof BigUint64Array;
  if (first !== undefined)
    for (let i = 0; i < data.length; i++) data[i] = wide ? (BigInt(first) as unknown as number) : first;
  for (let i = 0; i < place.length; i++) {
    const p = place[i];
    data[p] = seen[p] || first !== undefined ? step(data[p], values[i]) : values[i];
    seen[p] = 1;
  }
  const shape = keep ? kept : x.shape.filter((_, d) => !dims.includes(d));
  return { dtype: x.dtype, shape, data: data as unknown as HostArray["data"] };
}
