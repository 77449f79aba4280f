import fc from "fast-check";
import { transformers } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { inBackward, inForward } from "../mutants/plant.ts";
import { free, reduction, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { shapes } from "./inputs/shapes.ts";

/** Exact in float32, as the attribute of an ONNX node is; and large enough that rows of equal numbers stay smooth. */
const epsilons = [2 ** -4, 1];

/** Over the last one or two dims, with and without weight and bias. */
function layerNorm(): fc.Arbitrary<Example> {
  const lead = shapes({ maxRank: 2, maxSize: 3 });
  const row = shapes({ minRank: 1, maxRank: 2, minSize: 1, maxSize: 4 });
  const settings = fc.record({ operands: fc.integer({ min: 0, max: 2 }), eps: fc.constantFrom(...epsilons) });
  return fc.tuple(lead, row, settings).chain(([lead, shape, { operands, eps }]) =>
    fc
      .tuple(
        tensors({ shape: [...lead, ...shape] }),
        ...Array.from({ length: operands }, () => tensors({ shape })),
      )
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ shape, eps }),
          run: (x, weight, bias) => {
            const layer = new nn.LayerNorm(shape, {
              eps,
              affine: weight !== undefined,
              bias: bias !== undefined,
            });
            return Object.assign(layer, { ...(weight && { weight }), ...(bias && { bias }) }).forward(x);
          },
        }),
      ),
  );
}

/** Over the last one or two dims, with and without a gain. */
function rmsNorm(): fc.Arbitrary<Example> {
  const lead = shapes({ maxRank: 2, maxSize: 3 });
  const row = shapes({ minRank: 1, maxRank: 2, minSize: 1, maxSize: 4 });
  const settings = fc.record({ affine: fc.boolean(), eps: fc.constantFrom(...epsilons) });
  return fc.tuple(lead, row, settings).chain(([lead, shape, { affine, eps }]) =>
    fc.tuple(tensors({ shape: [...lead, ...shape] }), ...(affine ? [tensors({ shape })] : [])).map(
      (inputs): Example => ({
        inputs,
        options: typed({ shape, eps }),
        run: (x, weight) => {
          const layer = new nn.RMSNorm(shape, { eps, affine });
          return Object.assign(layer, { ...(weight && { weight }) }).forward(x);
        },
      }),
    ),
  );
}

const { LayerNormRows, RMSNormRows } = transformers;
type LayerNormRows = InstanceType<typeof LayerNormRows>;
type RMSNormRows = InstanceType<typeof RMSNormRows>;

const lastDims = (rank: number): number[] => Array.from({ length: rank }, (_, d) => -1 - d);

export const title = "Transformers";

export const rows: readonly Case[] = [
  free(
    "LayerNorm",
    words(
      "y = x̂·weight + bias, x̂ = (x − mean)/√(var + eps) along the last dims",
      "x: (h − mean h − x̂·mean (h·x̂))/√(var + eps), h = g·weight; weight: Σ g·x̂; bias: Σ g",
    ),
    ["x", "weight", "bias"],
    [LayerNormRows, nn.LayerNorm],
    layerNorm(),
    {
      onnx: reduction,
      faults: [
        inBackward(
          "statistics taken for constants",
          LayerNormRows,
          ({ g, gradients: [dx, ...others], inputs: [x, w], operation }) => {
            const row = Array.from({ length: (operation as LayerNormRows).rank }, (_, d) => -1 - d);
            const scale = x
              .var(row, { keepDim: true, correction: 0 })
              .add((operation as LayerNormRows).eps)
              .rsqrt();
            return [dx && g.mul(w).mul(scale), ...others];
          },
        ),
        inBackward(
          "weight's gradient from x itself",
          LayerNormRows,
          ({ g, gradients: [dx, dw, db], inputs: [x, w] }) => [
            dx,
            dw &&
              (x.rank === w.rank
                ? g.mul(x)
                : g
                    .mul(x)
                    .reshape(-1, ...w.shape)
                    .sum(0)),
            db ?? null,
          ],
        ),
        inForward("unbiased variance", LayerNormRows, (right, [, w]) =>
          w.size < 2 ? right : right.mul(Math.sqrt((w.size - 1) / w.size)),
        ),
      ],
    },
  ),
  free(
    "RMSNorm",
    words(
      "y = x̂·weight, x̂ = x/√(mean x² + eps) along the last dims",
      "x: (h − x̂·mean (h·x̂))/√(mean x² + eps), h = g·weight; weight: Σ g·x̂",
    ),
    ["x", "weight"],
    [RMSNormRows, nn.RMSNorm],
    rmsNorm(),
    {
      onnx: reduction,
      faults: [
        inBackward(
          "the root taken for a constant",
          RMSNormRows,
          ({ g, gradients: [dx, dw], inputs: [x, w], operation }) => {
            const { rank, eps } = operation as RMSNormRows;
            const scale = x.square().mean(lastDims(rank), { keepDim: true }).add(eps).rsqrt();
            return [dx && g.mul(w).mul(scale), dw ?? null];
          },
        ),
        inForward("the sum of squares in place of their mean", RMSNormRows, (right, [, w]) =>
          right.div(Math.sqrt(w.size)),
        ),
      ],
    },
  ),
];
