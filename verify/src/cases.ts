import type { Case } from "./case.ts";
import { activationRows } from "./cases/activations.ts";
import { arithmetics, elementwise } from "./cases/elementwise.ts";
import { copies, indexing } from "./cases/indexing.ts";
import { layerRows, lossRows, products } from "./cases/layers.ts";
import { moreLosses } from "./cases/losses.ts";
import { moreOperations } from "./cases/more-operations.ts";
import { reductions } from "./cases/reductions.ts";
import { transformerRows } from "./cases/transformers.ts";
import { views } from "./cases/views.ts";
import { spatialRows } from "./table/09-spatial.ts";

/**
 * The table of proofs: one row per differentiable operation, layer and loss. Whoever adds an operation adds a row to its
 * family, and a test fails until that is done. A row says where inputs come from, which classes it proves, how often it
 * can be differentiated, and how near to ONNX Runtime it has to be.
 */
export const cases: readonly Case[] = [
  ...arithmetics,
  ...elementwise,
  ...activationRows,
  ...reductions,
  ...views,
  ...copies,
  ...indexing,
  ...moreOperations,
  ...products,
  ...layerRows,
  ...lossRows,
  ...moreLosses,
  ...spatialRows,
  ...transformerRows,
];

/** Functions without a translation to ONNX, each with the reason. */
export const withoutOnnx: Readonly<Record<string, string>> = {
  DropoutMask: "drawn outside the graph: an exported training step takes its masks as inputs",
};
