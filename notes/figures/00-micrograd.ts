import { toSvg, trace, v } from "micrograd";
import { lineChart } from "tensorgrad/plots";
import { readLog } from "../lib/logs.ts";

/** f = (a·b + c)², after its backward pass. */
function graph(): Promise<string> {
  const [a, b, c] = [v(2, "a"), v(-3, "b"), v(10, "c")];
  const e = a.mul(b);
  e.label = "e";
  const d = e.add(c);
  d.label = "d";
  const f = d.pow(2);
  f.label = "f";
  for (const _ of trace(f));
  return toSvg(f);
}

interface Log {
  points: { parameters: number; forward: number; reverse: number; differences: number }[];
}

/** The cost of a whole gradient over the number of parameters. */
function cost(): string {
  const { points } = readLog<Log>("00-micrograd");
  const line = (name: string, of: "forward" | "reverse" | "differences") => ({
    name,
    points: points.map((point) => [point.parameters, point[of]] as const),
  });
  return lineChart(
    [
      line("finite differences", "differences"),
      line("forward and backward", "reverse"),
      line("forward", "forward"),
    ],
    { title: "What one gradient costs", x: "parameters", y: "ms", log: true, logX: true },
  );
}

export const figures = { graph, cost };
