import { linspace, type Tensor } from "tensorgrad";
import { gelu, relu, sigmoid, silu, tanh } from "tensorgrad/nn";
import { lineChart, type Series } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

const x = linspace(-4, 4, 161, { dtype: "float64", requiresGrad: true });

/** The function over x, or its slope as backward computes it. */
function series(name: string, f: (x: Tensor) => Tensor, slope = false): Series {
  const y = f(x);
  if (slope) y.sum().backward();
  const values = slope ? x.grad?.data : y.data;
  x.grad = null;
  return { name, points: Array.from(x.data, (at, i) => [at, values?.[i] ?? Number.NaN] as const) };
}

/** Slopes of the activations, by backward: what a gradient is multiplied with on its way through. */
const slopes = (): string =>
  lineChart(
    [
      series("GELU", (x) => gelu(x), true),
      { ...series("ReLU", relu, true), step: true },
      series("tanh", tanh, true),
      series("sigmoid", sigmoid, true),
    ],
    { title: "Slopes of four activations", x: "x", y: "dy/dx" },
  );

/** The activations of today's networks near zero. */
const curves = (): string =>
  lineChart([series("ReLU", relu), series("GELU", (x) => gelu(x)), series("SiLU", silu)], {
    title: "Three activations",
    x: "x",
    y: "y",
  });

interface Log {
  depth: Record<"relu" | "tanh" | "sigmoid", number[]>;
}

/** What is left of a gradient on its way back through twenty layers. */
function depth(): string {
  const { depth } = readLog<Log>("02-activations");
  const line = (name: string, lengths: number[]) => ({
    name,
    points: lengths.map((length, layer) => [layer + 1, length] as const),
  });
  return lineChart([line("ReLU", depth.relu), line("tanh", depth.tanh), line("sigmoid", depth.sigmoid)], {
    ...{ title: "Gradient at each layer's input", x: "layer", y: "share of that at layer 20", log: true },
  });
}

export const figures = { slopes, curves, depth };
