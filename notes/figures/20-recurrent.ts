import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

type Points = readonly (readonly [number, number])[];
interface Reach {
  readonly points: Points;
}
interface Log {
  readonly reach: Readonly<Record<"rnn" | "lstm" | "gru" | "forget2" | "forget4", Reach>>;
}
const { reach: measured } = readLog<Log>("20-recurrent");

/** How much of a gradient is left, so many steps before the end. */
function reach(): string {
  const names = {
    rnn: "RNN",
    lstm: "LSTM as drawn",
    gru: "GRU as drawn",
    forget2: "LSTM, forget bias 2",
    forget4: "LSTM, forget bias 4",
  } as const;
  const series = Object.entries(names).map(([key, name]) => ({
    name,
    // Below float32's precision of the rest there is nothing to see.
    points: measured[key as keyof typeof names].points.filter(([, y]) => y > 1e-7),
  }));
  const title = "What is left of a gradient, by distance from the end";
  return lineChart(series, {
    title,
    x: "steps before the end",
    y: "norm, relative to the last step",
    log: true,
  });
}

export const figures = { reach };
