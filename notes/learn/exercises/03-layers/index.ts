import type { Exercise } from "../../exercise.ts";
import { exercise as affine } from "./layers-affine.ts";
import { exercise as dropout } from "./layers-dropout.ts";
import { exercise as firstWeights } from "./layers-first-weights.ts";
import { exercise as memory } from "./layers-memory.ts";
import { exercise as read } from "./layers-read.ts";
import { exercise as residual } from "./layers-residual.ts";

/** The exercises of module 03, in their order. */
export const exercises: readonly Exercise[] = [affine, residual, dropout, firstWeights, memory, read];
