import { linspace, type Tensor, zerosLike } from "tensorgrad";
import { huber, l1, mse } from "tensorgrad/nn";
import { barChart, lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

type LossFunction = (x: Tensor, y: Tensor, options: { reduction: "none" }) => Tensor;

/** What an error costs, and how hard it pulls, by three losses. */
function errors(slope: boolean, title: string, y: string): string {
  const losses: readonly (readonly [name: string, loss: LossFunction])[] = [
    ["squared", mse],
    ["absolute", l1],
    ["Huber, δ = 1", huber],
  ];
  const series = losses.map(([name, loss]) => {
    const x = linspace(-3, 3, 121, { dtype: "float64", requiresGrad: true });
    const values = loss(x, zerosLike(x), { reduction: "none" });
    values.sum().backward();
    const shown = slope ? x.grad?.data : values.data;
    const points = Array.from(x.data, (at, i) => [at, shown?.[i] ?? Number.NaN] as const);
    return { name, points, step: slope && loss === l1 }; // its slope jumps
  });
  return lineChart(series, { title, x: "prediction − target", y });
}

interface Log {
  peakMB: Record<"fused" | "decomposed", number>;
  logitsMB: number;
}

/** Bytes for loss and gradient, beside the logits themselves. */
function memory(): string {
  const { peakMB, logitsMB } = readLog<Log>("04-losses");
  const bars = [
    { name: "the logits", value: logitsMB },
    { name: "fused", value: peakMB.fused, strong: true },
    { name: "softmax, log, NLL", value: peakMB.decomposed },
  ];
  return barChart(bars, { title: "Memory of cross-entropy, [2048, 1000]", x: "MB at most", marginLeft: 130 });
}

export const figures = {
  pull: () => errors(true, "How hard an error pulls", "dloss/dprediction"),
  memory,
};
