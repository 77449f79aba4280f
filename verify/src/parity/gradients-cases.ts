import { Random, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { measure, text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import { type GradientCase, gradientCases } from "../table/gradients.ts";
import { type GradientParity, gradientParity, type Problem } from "./gradients.ts";

/** Compares one row of the table with ONNX Runtime; the same numbers for the same seed. */
export function checkGradientCase(
  row: GradientCase,
  { seed = 1, dtype = "float32" }: { readonly seed?: number; readonly dtype?: "float32" | "float64" } = {},
): Promise<GradientParity> {
  const { model, inputs, ...problem } = drawCase(row, seed, dtype);
  const tolerance = dtype === "float32" ? 1e-5 : 1e-12;
  return gradientParity(model, inputs, { ...problem, tolerance, name: row.name });
}

/** One example of a row, in this dtype; indices stay what they are. */
export function drawCase({ make }: GradientCase, seed: number, dtype: "float32" | "float64"): Problem {
  const { model, inputs, loss, targets } = make(new Random(seed));
  const typed = (x: Tensor) => (x.isFloat ? x.to(dtype) : x);
  return {
    model: model instanceof nn.Module ? model.to(dtype) : model,
    inputs: inputs.map(typed),
    targets: targets.map(typed),
    loss,
  };
}

/**
 * Level 4, first half: ONNX Runtime differentiates nothing. It runs the derivative that our rules wrote down, while our
 * own side takes the fused kernels. Gradients differ in size by orders of magnitude from layer to layer: relative to
 * each one's largest element they can share a column and a bound.
 */
export const backward: Section<GradientParity, GradientCase> = {
  part: "parity",
  title: "Exported backward passes in ONNX Runtime",
  about:
    "Forward, loss and backward as one graph of ordinary nodes. The difference is relative to each gradient's largest element.",
  items: () => gradientCases,
  check: (row, { seed }) => checkGradientCase(row, { seed }),
  columns: {
    function: (b) => text(b.name),
    nodes: (b) => text(b.nodes),
    gradients: (b) => text(b.gradients.length),
    "largest difference": (b) => measure(b.relative, b.tolerance),
    allowed: (b) => measure(b.tolerance),
    "max abs": (b) => measure(b.maxAbs),
    "max ULP": (b) => measure(b.maxUlp),
  },
  brief: ["function", "nodes", "gradients", "largest difference", "allowed"],
  wrong: ({ name, passed, relative }) =>
    passed ? null : `exported gradients of ${name}: off by ${relative}`,
  counts: [{ key: "gradients", label: "exported backward passes in ONNX Runtime" }],
};
