import { expectArgument, isList, ShapeError, show } from "../../../00-runtime/index.ts";
import { isTensor } from "../../operands.ts";
import { normalDim, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { checkIndexType } from "../indexing/indices.ts";
import { cat } from "./cat.ts";

/** Elements in other places, said in terms of other operations: their gradients and translations follow. */

type Numbers = number | readonly number[];
function listOf(call: string, name: string, numbers: Numbers): readonly number[] {
  if (typeof numbers === "number") return [numbers];
  expectArgument(isList(numbers), call, name, numbers, "a number or a list of numbers");
  return numbers;
}

/**
 * Elements moved on along dims, those beyond the end to the beginning: y[j] = x[j − shift]. Without dims, in row-major order
 * of all.
 */
export function roll(x: Tensor, shifts: Numbers, dims?: Numbers): Tensor {
  const by = listOf("roll", "shifts", shifts);
  const which = dims === undefined ? [0] : listOf("roll", "dims", dims);
  if (by.length !== which.length || !by.every(Number.isInteger))
    throw new ShapeError(
      `roll: shifts ${show(by)} along dims ${show(which)} of a tensor of shape ${show(x.shape)} — an integer for each dim`,
    );
  if (dims === undefined) return rolled(x.reshape(-1), 0, by[0]).reshape(x.shape);
  return which.reduce((y, dim, i) => rolled(y, normalDim("roll", dim, x.shape), by[i]), x);
}

function rolled(x: Tensor, dim: number, shift: number): Tensor {
  const n = x.shape[dim] ?? 0;
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  return by === 0 ? x : cat([x.narrow(dim, n - by, by), x.narrow(dim, 0, n - by)], dim);
}

/** Dims taken from one place to another; the others keep their order. A view. */
export function movedim(x: Tensor, source: Numbers, destination: Numbers): Tensor {
  const lists = Object.entries({ source, destination }).map(([name, dims]) => listOf("movedim", name, dims));
  const [from, to] = lists.map((dims) => dims.map((dim) => normalDim("movedim", dim, x.shape)));
  if (from.length !== to.length || new Set(from).size < from.length || new Set(to).size < to.length)
    throw new ShapeError(
      `movedim: dims ${show(lists[0])} to ${show(lists[1])} of a tensor of shape ${show(x.shape)} — as many ` +
        "places as dims, each named once",
    );
  const others = [...x.shape.keys()].filter((d) => !from.includes(d));
  const order = x.shape.map((_, d) => (to.includes(d) ? from[to.indexOf(d)] : (others.shift() as number)));
  return x.permute(order);
}

/**
 * Every element several times in a row: a number for all, or one for each index of the dim (a list, or a tensor of int32).
 * Without a dim, all elements as one list.
 */
export function repeatInterleave(x: Tensor, repeats: Numbers | Tensor, dim?: number): Tensor {
  if (dim === undefined) return repeatInterleave(x.reshape(-1), repeats, 0);
  const d = normalDim("repeatInterleave", dim, x.shape);
  if (x.rank === 0) return repeatInterleave(x.reshape(1), repeats, 0);
  if (isTensor(repeats)) checkIndexType("repeatInterleave", repeats);
  const times = isTensor(repeats) ? Array.from(repeats.data) : listOf("repeatInterleave", "repeats", repeats);
  const n = x.shape[d];
  const fits = times.length === n || times.length === 1 || typeof repeats === "number";
  if (!fits || !times.every((count) => Number.isInteger(count) && count >= 0))
    throw new ShapeError(
      `repeatInterleave: ${show(times)} times along dim ${dim} of a tensor of shape ${show(x.shape)} — an integer ≥ 0 for all, ` +
        `or one for each of the ${n}`,
    );
  if (times.length === 1) return evenly(x, d, times[0]);
  const index = times.flatMap((count, i) => new Array<number>(count).fill(i));
  return x.indexSelect(d, x.newFrom(index, [index.length], "int32"));
}

function evenly(x: Tensor, dim: number, times: number): Tensor {
  const apart: Shape = x.shape.toSpliced(dim + 1, 0, times);
  return x
    .unsqueeze(dim + 1)
    .expand(apart)
    .reshape(x.shape.with(dim, x.shape[dim] * times));
}
