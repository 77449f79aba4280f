import { arithmetics, elementwise } from "./01-elementwise.ts";
import { copies, indexing } from "./01-indexing.ts";
import { moreOperations } from "./01-more.ts";
import { reductions } from "./01-reductions.ts";
import { views } from "./01-views.ts";
import { activationRows } from "./02-activations.ts";
import { layerRows, lossRows, products } from "./03-layers.ts";
import { moreLosses } from "./04-losses.ts";
import { poolingRows } from "./09-pooling.ts";
import { spatialRows } from "./09-spatial.ts";
import { transformerRows } from "./13-transformers.ts";
import type { Case } from "./case.ts";

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
  ...poolingRows,
  ...transformerRows,
];

/** Functions without a translation to ONNX, each with the reason. */
export const withoutOnnx: Readonly<Record<string, string>> = {
  DropoutMask: "drawn outside the graph: an exported training step takes its masks as inputs",
};
