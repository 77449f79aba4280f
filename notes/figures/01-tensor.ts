import { arange, type Tensor } from "tensorgrad";
import { lineChart } from "tensorgrad/plots";
import { type Cell, cells } from "../lib/cells.ts";
import { readLog } from "../lib/logs.ts";

const x = arange(6).reshape(2, 3);

/** Rows of a rank-1 or rank-2 tensor, every element shaded by where it lies in memory. */
function rows(tensor: Tensor): Cell[][] {
  const matrix = tensor.rank === 1 ? tensor.unsqueeze(0) : tensor;
  const last = x.size - 1;
  return (matrix.toArray() as number[][]).map((row) => row.map((at) => ({ text: at, shade: at / last })));
}

const heading = (name: string, { shape, strides }: Tensor): string =>
  `${name}   [${shape.join(", ")}], strides [${strides.join(", ")}]`;

/** One storage and four tensors over it: nothing but shape, strides and offset differs. */
function strides(): string {
  const views: readonly [name: string, view: Tensor, x: number, y: number][] = [
    ["x", x, 0, 2.2],
    ["x.t()", x.t(), 7.2, 2.2],
    ["x.select(1, 2)", x.select(1, 2), 0, 6.4],
    ["x.select(0, 1).expand(2, 3)", x.select(0, 1).expand(2, 3), 7.2, 6.4],
  ];
  return cells("One block of memory, four tensors", [
    { title: "memory", cells: rows(x.flatten()), x: 0, y: 0 },
    ...views.map(([name, view, x, y]) => ({ title: heading(name, view), cells: rows(view), x, y })),
  ]);
}

interface Log {
  products: { points: { n: number; loops: number; packed: number }[] };
}

/** Time of a product of two n × n matrices; both lines should rise by 1000 over a decade of n. */
function products(): string {
  const { points } = readLog<Log>("01-tensor").products;
  return lineChart(
    [
      { name: "plain loops", points: points.map(({ n, loops }) => [n, loops]) },
      { name: "packed SIMD kernel", points: points.map(({ n, packed }) => [n, packed]) },
    ],
    { title: "matmul of two n × n matrices", x: "n", y: "ms", log: true, logX: true },
  );
}

export const figures = { strides, products };
