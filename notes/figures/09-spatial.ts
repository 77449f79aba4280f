import { tensor } from "tensorgrad";
import { conv2d, unfold } from "tensorgrad/nn";
import { barChart, lineChart } from "tensorgrad/plots";
import { type Cell, cells } from "../lib/cells.ts";
import { readLog } from "../lib/logs.ts";

interface Rate {
  readonly milliseconds: number;
}

interface Log {
  ways: { loops: Rate } & Record<"own" | "blas", Record<"matrix" | "pieces" | "winograd", Rate>>;
  growth: { points: { kernel: number; lowered: number; library: number }[] };
  layers: { shares: { layer: string; output: number[]; ms: number; work: number; weights: number }[] };
}

const image = [
  [1, 2, 0],
  [0, 1, 3],
  [2, 1, 1],
];
const filter = [
  [1, 2],
  [0, -1],
];

const shaded = (rows: readonly (readonly number[])[], shade: (i: number, j: number) => number): Cell[][] =>
  rows.map((row, i) => row.map((text, j) => ({ text, shade: shade(i, j) })));

/** An image, a filter, what the filter makes of it; below the same as a product of two matrices. */
function lowered(): string {
  const [x, w] = [tensor([[image]]), tensor([[filter]])];
  const y = conv2d(x, w).reshape([2, 2]).toArray() as number[][];
  const columns = unfold(x, 2).reshape([4, 4]).toArray() as number[][]; // [taps, places]
  const seen = (i: number, j: number) => (i < 2 && j < 2 ? 0.5 : 0);
  return cells("The first number is made of the shaded ones", [
    { title: "image", cells: shaded(image, seen), x: 0, y: 0 },
    { title: "filter", cells: shaded(filter, () => 0.5), x: 5, y: 0 },
    { title: "result", cells: shaded(y, (i, j) => (i + j === 0 ? 1 : 0)), x: 9, y: 0 },
    { title: "filter, a row", cells: shaded([filter.flat()], () => 0.5), x: 0, y: 6 },
    {
      title: "lowered: a column for every place",
      cells: shaded(columns, (_, j) => (j === 0 ? 0.5 : 0)),
      x: 5,
      y: 4.5,
    },
    { title: "result, a row", cells: shaded([y.flat()], (_, j) => (j === 0 ? 1 : 0)), x: 10.5, y: 6 },
  ]);
}

/** What a convolution takes beside image and result, over the size of its filter. */
function memory(): string {
  const { points } = readLog<Log>("09-spatial").growth;
  const line = (name: string, of: (point: (typeof points)[number]) => number) => ({
    name,
    points: points.map((point) => [point.kernel, of(point)] as const),
  });
  return lineChart(
    [
      line("lowered, measured (predicted: K²)", ({ lowered }) => lowered),
      line("conv2d, measured", ({ library }) => library),
    ],
    {
      title: "Extra memory of a convolution of 64 channels",
      x: "K, filter K×K",
      y: "as a multiple of the image",
    },
  );
}

/** The second convolution of the network by every way. */
function ways(): string {
  const { loops, own, blas } = readLog<Log>("09-spatial").ways;
  const bars = [
    { name: "seven loops", value: loops.milliseconds },
    { name: "lowered, whole", value: own.matrix.milliseconds },
    { name: "lowered, pieces", value: own.pieces.milliseconds },
    { name: "Winograd, 4×4", value: own.winograd.milliseconds, strong: true },
    { name: "lowered, BLAS", value: blas.matrix.milliseconds },
    { name: "pieces, BLAS", value: blas.pieces.milliseconds },
    { name: "Winograd 2×2, BLAS", value: blas.winograd.milliseconds, strong: true },
  ];
  return barChart(bars, {
    title: "64 → 128 channels at 16×16, 32 images",
    x: "ms",
    log: true,
    marginLeft: 150,
  });
}

/** Where the network's weights, its work and its time are. */
function layers(): string {
  const { shares } = readLog<Log>("09-spatial").layers;
  const bars = shares
    .filter(({ layer }) => layer === "Conv2d" || layer === "Linear")
    .flatMap(({ layer, output, ms, work, weights }) => {
      const name = layer === "Linear" ? "linear" : `conv → ${output[0]}`;
      return [
        { name: `${name}: weights`, value: 100 * weights },
        { name: `${name}: work`, value: 100 * work },
        { name: `${name}: time`, value: 100 * ms, strong: true },
      ];
    });
  return barChart(bars, { title: "Shares of the network 64-128-256", x: "%", marginLeft: 145 });
}

export const figures = { lowered, memory, ways, layers };
