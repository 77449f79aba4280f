import { arange, isTensor, type Tensor } from "../../01-tensor/index.ts";
import { newData } from "../format/element-types.ts";
import type { HostArray } from "../format/tensor-proto.ts";
import { alikeTensors, arrayIn, isWide, sizeIn, type Value } from "./values.ts";

/**
 * An operation that only moves elements: one rule for tensors, and for arrays on the host. There it moves their positions, and the
 * elements of any type follow.
 */
export function moved(
  value: Value,
  move: (x: Tensor) => Tensor,
  fill: number | bigint = 0,
): Tensor | HostArray {
  return movedTogether([value], ([x]) => [move(x)], fill)[0];
}

/** `moved`, of several values that come together, or one that is divided. Position −1 stands for the filling. */
export function movedTogether(
  values: readonly Value[],
  move: (x: Tensor[]) => readonly Tensor[],
  fill: number | bigint = 0,
): (Tensor | HostArray)[] {
  const arrays = values.map(arrayIn);
  if (arrays.some(isTensor)) return [...move(alikeTensors(arrays))];
  const sources = arrays as HostArray[];
  const { dtype } = sources[0];
  const filling = isWide(dtype) ? BigInt(fill) : fill;
  const all = sources.flatMap(({ data }) => Array.from(data as ArrayLike<number>));
  return move(positionsOf(sources)).map((y) => {
    const data = newData(dtype, y.size) as unknown as number[];
    const places = y.data;
    for (let i = 0; i < places.length; i++) data[i] = places[i] < 0 ? (filling as number) : all[places[i]];
    return { dtype, shape: y.shape, data: data as unknown as HostArray["data"] };
  });
}

function positionsOf(sources: readonly HostArray[]): Tensor[] {
  let start = 0;
  return sources.map(({ shape }) => {
    const size = sizeIn(shape);
    const positions = arange(start, start + size, 1, { dtype: "int32" }).reshape([...shape]);
    start += size;
    return positions;
  });
}
