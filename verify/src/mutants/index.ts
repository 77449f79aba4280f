import { lossMutants } from "./activations-and-losses.ts";
import { engineMutants } from "./engine.ts";
import { functionMutants } from "./functions.ts";
import type { Mutant } from "./mutant.ts";
import { rarerOptimizerMutants } from "./optimizers.ts";
import { poolingMutants } from "./pooling.ts";
import { scalarMutants } from "./scalars.ts";
import { spatialMutants } from "./spatial.ts";

/** Every planted fault. */
export const mutants: readonly Mutant[] = [
  ...engineMutants,
  ...functionMutants,
  ...lossMutants,
  ...rarerOptimizerMutants,
  ...spatialMutants,
  ...poolingMutants,
  ...scalarMutants,
];
