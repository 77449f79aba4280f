import type { Exercise } from "../../exercise.ts";
import { gruBackward } from "./gru-backward.ts";
import { lstmStep } from "./lstm-step.ts";
import { recurrentHold } from "./recurrent-hold.ts";
import { recurrentReading } from "./recurrent-reading.ts";
import { recurrentSizes } from "./recurrent-sizes.ts";

/** Module 20, in order. */
export const exercises: readonly Exercise[] = [
  lstmStep,
  gruBackward,
  recurrentHold,
  recurrentSizes,
  recurrentReading,
];
