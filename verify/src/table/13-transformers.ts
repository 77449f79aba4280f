import fc from "fast-check";
import { transformers } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Example } from "../gradients/evaluate.ts";
import { tensors } from "./arbitraries.ts";
import { type Case, free, reduction, typed } from "./case.ts";
import { shapes } from "./shapes.ts";

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

export const transformerRows: Case[] = [
  free("LayerNorm", ["x", "weight", "bias"], [transformers.LayerNormRows, nn.LayerNorm], layerNorm(), {
    onnx: reduction,
  }),
];
