import type { Exercise } from "../../exercise.ts";
import { batchNormFindConstants } from "./batch-norm-find-constants.ts";
import { conv2dWeightGradient } from "./conv2d-weight-gradient.ts";
import { readSpatial } from "./read-spatial.ts";
import { spatialGrowth } from "./spatial-growth.ts";
import { unfoldColumns } from "./unfold-columns.ts";

/** Module 09, in the order in which to do them. */
export const exercises: readonly Exercise[] = [
  unfoldColumns,
  conv2dWeightGradient,
  batchNormFindConstants,
  spatialGrowth,
  readSpatial,
];
