import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { toSvg as scalarSvg, v } from "micrograd";
import { tensor, toSvg } from "tensorgrad";
import { Linear, MSELoss } from "tensorgrad/nn";
import type { Checks } from "../exercise.ts";

/** Draws the graph that the learner's engine records: of a few numbers, or of a layer and its loss. */
export function load(
  kind: "scalar" | "tensor",
  path: string,
): { check: { checks: Checks }; answers: object } {
  const draw = async (): Promise<void> => {
    const svg = kind === "scalar" ? await numbers() : await layer();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, svg);
  };
  return { check: { checks: { "the graph can be drawn": draw } }, answers: {} };
}

async function numbers(): Promise<string> {
  const [x, w, b] = [v(2, "x"), v(-3, "w"), v(10, "b")];
  const y = x.mul(w).add(b);
  y.label = "y";
  y.backward();
  return await scalarSvg(y);
}

async function layer(): Promise<string> {
  const loss = new MSELoss().forward(new Linear(3, 2).forward(tensor([[1, 2, 3]])), tensor([[0, 1]]));
  loss.backward();
  return await toSvg(loss);
}
