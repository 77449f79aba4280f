import { arange, fromArray, Random, scope, type Tensor } from "tensorgrad";
import { matrixOf } from "../lib/grid.ts";
import type { Seen, View, Walked } from "./work.ts";

const APPLY: Readonly<Record<View, (x: Tensor) => Tensor>> = {
  transpose: (x) => x.transpose(0, 1),
  firstRows: (x) => x.narrow(0, 0, 2),
  lastColumns: (x) => x.narrow(1, 1, 2),
  everySecond: (x) => x.slice(1, 0, 4, 2),
  flat: (x) => x.reshape(-1),
  pairs: (x) => x.reshape(-1, 2),
  stretch: (x) => x.narrow(1, 0, 1).expand(-1, 3),
  copy: (x) => x.contiguous(),
};

/** A tensor of [3, 4], and what each operation makes of the one before. Throws what the library throws. */
export function seeViews(views: readonly View[]): Seen[] {
  using _ = scope();
  const list = [arange(12).reshape(3, 4)];
  for (const view of views) list.push(APPLY[view](list[list.length - 1]));
  return list.map((x, i) => ({
    shape: [...x.shape],
    strides: [...x.strides],
    offset: x.offset,
    data: [...x.contiguous().data],
    view: i > 0 && x.storage === list[i - 1].storage,
  }));
}

/** Small whole numbers: sums can be checked in the head. */
function numbers(shape: readonly number[], random: Random, requiresGrad: boolean): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const list = Float32Array.from({ length: size }, () => random.integer(9) - 4);
  return fromArray(list, shape, { requiresGrad });
}

function walked(a: Tensor, b: Tensor, y: Tensor, random: Random): Walked {
  const g = numbers(y.shape, random, false);
  y.backward(g);
  const [da, db] = [a.grad as Tensor, b.grad as Tensor];
  return {
    a: matrixOf(a),
    b: matrixOf(b),
    y: matrixOf(y),
    g: matrixOf(g),
    da: matrixOf(da),
    db: matrixOf(db),
  };
}

export function broadcast(a: readonly number[], b: readonly number[], seed: number): Walked {
  using _ = scope();
  const random = new Random(seed);
  const [x, y] = [numbers(a, random, true), numbers(b, random, true)];
  return walked(x, y, x.add(y), random);
}

export function product(seed: number): Walked {
  using _ = scope();
  const random = new Random(seed);
  const [x, w] = [numbers([2, 3], random, true), numbers([3, 4], random, true)];
  return walked(x, w, x.matmul(w), random);
}
